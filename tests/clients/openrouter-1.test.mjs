// The npm client `@openrouter/sdk` 1.3.19 (2026), unchanged. It checks every answer against its schemas and throws where one does not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenRouter } from "openrouter-sdk-1";
import { BadRequestResponseError, ForbiddenResponseError, NotFoundResponseError, UnauthorizedResponseError } from "openrouter-sdk-1/models/errors";
import { base, collect, embeddingModel, key, models, provisioningKey, weather } from "./gateway.mjs";

const options = { serverURL: base, retryConfig: { strategy: "none" } };
const client = new OpenRouter({ ...options, apiKey: key });
const manager = new OpenRouter({ ...options, apiKey: provisioningKey });
const ask = [{ role: "user", content: "Say hello." }];
const send = (chatRequest) => client.chat.send({ chatRequest });
const slug = (model) => ({ author: model.split("/")[0], slug: model.split("/")[1] });

for (const model of models) {
  test(`${model}: chat`, async () => {
    const answer = await send({ model, messages: ask, maxTokens: 200 });
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.choices[0].finishReason, "stop");
    assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 0);
  });

  test(`${model}: streaming`, async () => {
    const chunks = await collect(await send({ model, messages: ask, maxTokens: 200, stream: true, streamOptions: { includeUsage: true } }));
    assert.ok(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("").length > 0);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.finishReason).find(Boolean), "stop");
    assert.ok(chunks.at(-1).usage.completionTokens > 0);
  });

  test(`${model}: tools`, async () => {
    const answer = await send({ model, messages: ask, tools: [weather], toolChoice: "required", maxTokens: 200 });
    assert.equal(answer.choices[0].finishReason, "tool_calls");
    const call = answer.choices[0].message.toolCalls[0];
    assert.equal(call.function.name, "get_weather");
    const next = await send({
      model, tools: [weather], maxTokens: 200,
      messages: [...ask, { role: "assistant", content: null, toolCalls: [call] }, { role: "tool", toolCallId: call.id, content: "21 degrees" }],
    });
    assert.ok(next.choices[0].message.content.length > 0);
  });

  test(`${model}: streamed tool call`, async () => {
    const chunks = await collect(await send({ model, messages: ask, tools: [weather], toolChoice: "required", maxTokens: 200, stream: true }));
    const parts = chunks.flatMap((chunk) => chunk.choices[0]?.delta.toolCalls ?? []);
    assert.equal(parts.map((part) => part.function?.name).find(Boolean), "get_weather");
    assert.ok("city" in JSON.parse(parts.map((part) => part.function?.arguments ?? "").join("")));
  });

  test(`${model}: model and endpoints`, async () => {
    assert.equal((await client.models.get(slug(model))).data.id, model);
    const { data } = await client.endpoints.list(slug(model));
    assert.equal(data.id, model);
    assert.equal(typeof data.endpoints[0].supportsToolChoice.auto, "boolean");
  });

  test(`${model}: generation`, async () => {
    const { id } = await send({ model, messages: ask, maxTokens: 200, user: "someone", sessionId: "a-session" });
    const { data } = await client.generations.getGeneration({ id });
    assert.equal(data.id, id);
    assert.ok(data.totalCost > 0);
    assert.equal(data.externalUser, "someone");
    assert.equal(data.providerResponses[0].status, 200);
  });
}

test("models, page by page", async () => {
  const ids = [];
  for await (const page of await client.models.list({ limit: 2 })) ids.push(...page.result.data.map((one) => one.id));
  for (const model of models) assert.ok(ids.includes(model));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal((await client.models.count()).data.count, ids.length);
});

test("models, filtered and sorted", async () => {
  const [page] = await collect(await client.models.list({ sort: "pricing-low-to-high", supportedParameters: "tools", maxPrice: 1000 }));
  const prices = page.result.data.map((one) => Number(one.pricing.prompt) + Number(one.pricing.completion));
  assert.deepEqual(prices, prices.toSorted((a, b) => a - b));
});

test("models of the caller", async () => {
  const [page] = await collect(await client.models.listForUser({ bearer: key }));
  assert.ok(page.result.data.length > 0);
});

test("embedding models", async () => {
  const [page] = await collect(await client.embeddings.listModels());
  assert.ok(page.result.data.some((one) => one.id === embeddingModel));
});

test("embeddings", async () => {
  const answer = await client.embeddings.generate({ requestBody: { model: embeddingModel, input: ["one", "two words"] } });
  assert.deepEqual(answer.data.map((one) => one.index), [0, 1]);
  assert.ok(answer.data.every((one) => one.embedding.length > 0));
  assert.ok(answer.usage.cost > 0);
});

test("endpoints of zero retention", async () => {
  for (const endpoint of (await client.endpoints.listZdrEndpoints()).data) assert.ok(endpoint.tag.length > 0);
});

test("providers", async () => {
  assert.ok((await client.providers.list()).data.every((one) => one.slug && one.name));
});

test("key", async () => {
  const { data } = await client.apiKeys.getCurrentKeyMetadata();
  assert.equal(data.isManagementKey, false);
  assert.equal((await manager.apiKeys.getCurrentKeyMetadata()).data.isManagementKey, true);
});

test("credits fall by what an answer cost", async () => {
  const before = (await manager.credits.getCredits()).data;
  await send({ model: models[0], messages: ask, maxTokens: 200 });
  const after = (await manager.credits.getCredits()).data;
  assert.equal(after.totalCredits, before.totalCredits);
  assert.ok(after.totalUsage > before.totalUsage);
});

test("errors have their classes", async () => {
  const stranger = new OpenRouter({ ...options, apiKey: `sk-or-v1-${"f".repeat(64)}` });
  await assert.rejects(stranger.apiKeys.getCurrentKeyMetadata(), (error) => error instanceof UnauthorizedResponseError && error.error.code === 401);
  await assert.rejects(client.credits.getCredits(), (error) => error instanceof ForbiddenResponseError && error.error.code === 403);
  await assert.rejects(client.endpoints.list({ author: "acme", slug: "none" }), (error) => error instanceof NotFoundResponseError && error.error.code === 404);
  await assert.rejects(client.models.get({ author: "acme", slug: "none" }), (error) => error instanceof NotFoundResponseError);
  await assert.rejects(client.generations.getGeneration({ id: "gen-0-none" }), (error) => error instanceof NotFoundResponseError);
  await assert.rejects(send({ model: "acme/none", messages: ask }), (error) => error instanceof BadRequestResponseError && error.error.code === 400);
  await assert.rejects(stranger.chat.send({ chatRequest: { model: models[0], messages: ask } }), (error) => error instanceof UnauthorizedResponseError);
});
