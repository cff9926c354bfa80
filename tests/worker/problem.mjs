// Errors as the service answers them: each is a problem document that is valid against the published schema.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";

const schema = JSON.parse(readFileSync(new URL("../../worker/problem.schema.json", import.meta.url), "utf8"));
const validate = new Ajv({ allErrors: true }).compile(schema);

/** Checks what holds for every error; gives its document. */
export function checkProblem(response, text) {
  assert.equal(response.headers.get("content-type"), "application/problem+json", text);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.ok(response.headers.get("x-request-id"));
  const document = JSON.parse(text);
  assert.ok(validate(document), `${text} ${JSON.stringify(validate.errors)}`);
  assert.equal(document.status, response.status);
  assert.equal(document.message, document.detail);
  // Nothing of the inside: neither SQL nor a stack nor a key.
  assert.doesNotMatch(text, /SELECT |INSERT |SQLITE|D1_|\.rs:|wasm-function|panicked|tc_[a-z0-9]{16}_|[0-9a-f]{64}/);
  return document;
}

/** The problem document of a response that has to have this status and code. */
export async function problem(response, status, error) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const document = checkProblem(response, text);
  assert.equal(document.error, error, text);
  return document;
}
