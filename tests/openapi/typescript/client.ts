// Calls the function with the types that openapi-typescript makes from docs/openapi.yaml, and prints what it reads.
// Arguments: base URL, function key, minValidity.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];
type Token = components["schemas"]["Token"];
declare const process: { argv: [string, string, string, string, string] };

const [, , baseUrl, key, minValidity] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { "x-functions-key": key } });
const { data, error, response } = await client.GET("/api/GetArrToken", {
  params: { query: { minValidity: Number(minValidity) }, header: { "Cache-Control": "no-cache" } },
});

function summary(token: Token): { token: string; secondsLeft: number | null; msCv: string | null } {
  return { token: token.AccessToken, secondsLeft: token.ExpiresIn, msCv: token.MsCv };
}

function advice(problem: Problem): { code: string; status: number; msCv: string | null; detail: string } {
  // A string, not a union: it compares with codes that this version does not know.
  const code: string = problem.code;
  return { code, status: problem.status, msCv: problem.msCv, detail: problem.detail };
}

// Without a body, the platform has responded.
const result = data ? summary(data) : error ? advice(error) : { platform: response.status };
console.log(JSON.stringify(result));
