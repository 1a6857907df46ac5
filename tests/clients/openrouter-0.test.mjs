// The npm client `@openrouter/sdk` 0.1.27 (December 2025), unchanged. It checks every answer against its schemas and throws where one does not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenRouter } from "openrouter-sdk-0";
import { ChatError, ForbiddenResponseError, NotFoundResponseError, UnauthorizedResponseError } from "openrouter-sdk-0/models/errors";
import { base, collect, embeddingModel, key, models, provisioningKey, weather } from "./gateway.mjs";

const options = { serverURL: base, retryConfig: { strategy: "none" } };
const client = new OpenRouter({ ...options, apiKey: key });
const manager = new OpenRouter({ ...options, apiKey: provisioningKey });
const ask = [{ role: "user", content: "Say hello." }];
const slug = (model) => ({ author: model.split("/")[0], slug: model.split("/")[1] });

for (const model of models) {
  test(`${model}: chat`, async () => {
    const answer = await client.chat.send({ model, messages: ask, maxTokens: 200 });
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.choices[0].finishReason, "stop");
    assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 0);
  });

  test(`${model}: streaming`, async () => {
    const chunks = await collect(await client.chat.send({ model, messages: ask, maxTokens: 200, stream: true, streamOptions: { includeUsage: true } }));
    assert.ok(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("").length > 0);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.finishReason).find(Boolean), "stop");
    assert.ok(chunks.at(-1).usage.completionTokens > 0);
  });

  test(`${model}: tools`, async () => {
    const answer = await client.chat.send({ model, messages: ask, tools: [weather], toolChoice: "required", maxTokens: 200 });
    assert.equal(answer.choices[0].finishReason, "tool_calls");
    const call = answer.choices[0].message.toolCalls[0];
    assert.equal(call.function.name, "get_weather");
    const next = await client.chat.send({
      model, tools: [weather], maxTokens: 200,
      messages: [...ask, { role: "assistant", content: null, toolCalls: [call] }, { role: "tool", toolCallId: call.id, content: "21 degrees" }],
    });
    assert.ok(next.choices[0].message.content.length > 0);
  });

  test(`${model}: streamed tool call`, async () => {
    const chunks = await collect(await client.chat.send({ model, messages: ask, tools: [weather], toolChoice: "required", maxTokens: 200, stream: true }));
    const parts = chunks.flatMap((chunk) => chunk.choices[0]?.delta.toolCalls ?? []);
    assert.equal(parts.map((part) => part.function?.name).find(Boolean), "get_weather");
    assert.ok("city" in JSON.parse(parts.map((part) => part.function?.arguments ?? "").join("")));
  });

  test(`${model}: endpoints`, async () => {
    const { data } = await client.endpoints.list(slug(model));
    assert.equal(data.id, model);
    assert.ok(data.endpoints.length > 0);
    assert.ok(Number(data.endpoints[0].pricing.prompt) > 0);
  });

  test(`${model}: parameters`, async () => {
    const { data } = await client.parameters.getParameters({ bearer: key }, slug(model));
    assert.equal(data.model, model);
    assert.ok(data.supportedParameters.includes("max_tokens"));
  });

  test(`${model}: generation of a whole and of a streamed answer`, async () => {
    const whole = await client.chat.send({ model, messages: ask, maxTokens: 200 });
    const chunks = await collect(await client.chat.send({ model, messages: ask, maxTokens: 200, stream: true }));
    for (const [id, streamed] of [[whole.id, false], [chunks[0].id, true]]) {
      const { data } = await client.generations.getGeneration({ id });
      assert.equal(data.id, id);
      assert.equal(data.streamed, streamed);
      assert.ok(data.totalCost > 0);
      assert.equal(data.totalCost, data.usage);
      assert.ok(data.nativeTokensPrompt > 0 && data.tokensPrompt > 0);
      assert.equal(data.finishReason, "stop");
    }
  });
}

test("models", async () => {
  const { data } = await client.models.list();
  for (const model of models) assert.ok(data.some((one) => one.id === model));
  assert.equal((await client.models.count()).data.count, data.length);
  assert.equal((await client.models.list({ supportedParameters: "no_such_parameter" })).data.length, 0);
});

test("models of the caller", async () => {
  assert.ok((await client.models.listForUser({ bearer: key })).data.length > 0);
});

test("models as a feed", async () => {
  assert.match(await (await fetch(`${base}/models?use_rss=true`)).text(), /<rss version="2.0">/);
});

test("embedding models", async () => {
  assert.ok((await client.embeddings.listModels()).data.some((one) => one.id === embeddingModel));
});

test("embeddings", async () => {
  const answer = await client.embeddings.generate({ model: embeddingModel, input: ["one", "two words"] });
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
  assert.equal(data.isProvisioningKey, false);
  assert.equal(data.rateLimit.requests, -1);
  assert.equal((await manager.apiKeys.getCurrentKeyMetadata()).data.isProvisioningKey, true);
});

test("credits fall by what an answer cost", async () => {
  // This version's schema of the answer is empty; the numbers are read from the wire.
  await manager.credits.getCredits();
  const read = async () => (await (await fetch(`${base}/credits`, { headers: { authorization: `Bearer ${provisioningKey}` } })).json()).data;
  const before = await read();
  await client.chat.send({ model: models[0], messages: ask, maxTokens: 200 });
  const after = await read();
  assert.equal(after.total_credits, before.total_credits);
  assert.ok(after.total_usage > before.total_usage);
});

test("errors have their classes", async () => {
  const stranger = new OpenRouter({ ...options, apiKey: `sk-or-v1-${"f".repeat(64)}` });
  await assert.rejects(stranger.apiKeys.getCurrentKeyMetadata(), (error) => error instanceof UnauthorizedResponseError && error.error.code === 401);
  await assert.rejects(client.credits.getCredits(), (error) => error instanceof ForbiddenResponseError && error.error.code === 403);
  await assert.rejects(client.endpoints.list({ author: "acme", slug: "none" }), (error) => error instanceof NotFoundResponseError && error.error.code === 404);
  await assert.rejects(client.generations.getGeneration({ id: "gen-0-none" }), (error) => error instanceof NotFoundResponseError);
  await assert.rejects(client.chat.send({ model: "acme/none", messages: ask }), (error) => error instanceof ChatError && error.error.code === 400);
  await assert.rejects(stranger.chat.send({ model: models[0], messages: ask }), (error) => error instanceof ChatError && error.error.code === 401);
});
