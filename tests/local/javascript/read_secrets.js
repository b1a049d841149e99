// Reads secrets with Azure's SDK for JavaScript, the challenge check included, and prints one line of JSON for each.
// Arguments: URL of the vault, names of secrets.

import https from "node:https";
import { ManagedIdentityCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";

const [, , vaultUrl, ...names] = process.argv;
// Not every system resolves names under localhost.
const address = "127.0.0.1";
const agent = new https.Agent({
  lookup: (_, options, done) => (options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)),
});
const policy = { name: "loopback", sendRequest: (request, next) => next(Object.assign(request, { agent })) };
const client = new SecretClient(vaultUrl, new ManagedIdentityCredential(), {
  additionalPolicies: [{ policy, position: "perCall" }],
  retryOptions: { maxRetries: 0 },
});
for (const name of names) {
  try {
    console.log(JSON.stringify({ value: (await client.getSecret(name)).value }));
  } catch (error) {
    console.log(JSON.stringify({ status: error.statusCode, code: error.code }));
  }
}
agent.destroy();
