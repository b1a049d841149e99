"""Numbers of the contract that more than one package uses. Times are in seconds."""

from typing import Final

MAX_MIN_VALIDITY_S: Final = 82_800  # 23 h: one hour less than TOKEN_LIFETIME_S, so that a new token always satisfies it
TOKEN_LIFETIME_S: Final = 86_400  # 24 h: what the STS issues
MAX_RETRY_AFTER_S: Final = 3_600  # no caller is told to wait, and no upstream can make us wait, for more than an hour
