// The npm client `openai`, unchanged.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { base, brokenModel, collect, embeddingModel, key, models, weather } from "./gateway.mjs";

const client = new OpenAI({ baseURL: base, apiKey: key, maxRetries: 0 });
const ask = [{ role: "user", content: "Say hello." }];

for (const model of models) {
  test(`${model}: chat`, async () => {
    const { data: answer, response } = await client.chat.completions.create({ model, messages: ask, max_tokens: 200 }).withResponse();
    assert.equal(answer.object, "chat.completion");
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.choices[0].message.role, "assistant");
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    assert.ok(answer.usage.cost > 0);
    assert.equal(response.headers.get("x-generation-id"), answer.id);
  });

  test(`${model}: streaming`, async () => {
    const chunks = await collect(await client.chat.completions.create({ model, messages: ask, max_tokens: 200, stream: true, stream_options: { include_usage: true } }));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("");
    assert.ok(text.length > 0);
    assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.finish_reason).find(Boolean), "stop");
    assert.ok(chunks.at(-1).usage.completion_tokens > 0);
  });

  test(`${model}: the accumulating stream helper`, async () => {
    const stream = client.chat.completions.stream({ model, messages: ask, max_tokens: 200 });
    const final = await stream.finalChatCompletion();
    assert.ok(final.choices[0].message.content.length > 0);
  });

  test(`${model}: tools, there and back`, async () => {
    const messages = [{ role: "user", content: "What is the weather in Paris? Use the tool." }];
    const first = await client.chat.completions.create({ model, messages, tools: [weather], tool_choice: "required", max_tokens: 200 });
    const message = first.choices[0].message;
    assert.equal(first.choices[0].finish_reason, "tool_calls");
    assert.equal(message.tool_calls[0].function.name, "get_weather");
    assert.ok("city" in JSON.parse(message.tool_calls[0].function.arguments));
    const second = await client.chat.completions.create({
      model, tools: [weather], max_tokens: 200,
      messages: [...messages, message, ...message.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "21 degrees" }))],
    });
    assert.equal(second.choices[0].finish_reason, "stop");
    assert.ok(second.choices[0].message.content.length > 0);
  });

  test(`${model}: streamed tool call`, async () => {
    const stream = client.chat.completions.stream({ model, messages: ask, tools: [weather], tool_choice: "required", max_tokens: 200 });
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, "tool_calls");
    const call = final.choices[0].message.tool_calls[0];
    assert.ok(call.id.length > 0);
    assert.equal(call.function.name, "get_weather");
    assert.ok("city" in JSON.parse(call.function.arguments));
  });

  test(`${model}: structured output`, async () => {
    const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } }, required: ["name", "age"], additionalProperties: false };
    const answer = await client.chat.completions.create({
      model, messages: ask, max_tokens: 400, response_format: { type: "json_schema", json_schema: { name: "person", strict: true, schema } },
    });
    const parsed = JSON.parse(answer.choices[0].message.content);
    assert.equal(typeof parsed.name, "string");
    assert.equal(typeof parsed.age, "number");
  });

  test(`${model}: max_tokens ends the answer with length`, async () => {
    const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Repeat: one two three four five six seven eight nine ten" }], max_tokens: 2 });
    assert.equal(answer.choices[0].finish_reason, "length");
  });
}

test("embeddings", async () => {
  const input = ["the quick brown fox", "something else"];
  // The client asks for base64 by itself and decodes it.
  const unasked = await client.embeddings.create({ model: embeddingModel, input, dimensions: 16 });
  const floats = await client.embeddings.create({ model: embeddingModel, input, dimensions: 16, encoding_format: "float" });
  assert.deepEqual(unasked.data.map((one) => [one.index, one.embedding.length]), [[0, 16], [1, 16]]);
  for (const [i, one] of unasked.data.entries())
    for (const [j, value] of one.embedding.entries()) assert.ok(Math.abs(value - floats.data[i].embedding[j]) < 1e-6);
  assert.ok(unasked.usage.prompt_tokens > 0);
});

test("the client may leave a stream", async () => {
  const stream = await client.chat.completions.create({ model: models[0], messages: ask, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    break;
  }
  assert.ok(stream.controller.signal.aborted);
});

test("models", async () => {
  const listed = await collect(await client.models.list());
  for (const model of models) assert.ok(listed.some((one) => one.id === model));
});

test("wrong key", async () => {
  const stranger = new OpenAI({ baseURL: base, apiKey: `sk-or-v1-${"f".repeat(64)}`, maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create({ model: models[0], messages: ask }), (error) => error instanceof AuthenticationError && error.status === 401);
});

test("unknown model", async () => {
  await assert.rejects(client.chat.completions.create({ model: "acme/no-such-model", messages: ask }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.code, 400);
    assert.match(error.message, /acme\/no-such-model is not a valid model ID/);
    return true;
  });
});

test("out-of-range parameter", async () => {
  await assert.rejects(client.chat.completions.create({ model: models[0], messages: ask, temperature: 9 }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.match(error.message, /temperature/);
    return true;
  });
});

test("unknown address", async () => {
  await assert.rejects(client.get("/no/such/thing"), (error) => error instanceof NotFoundError);
});

test("an upstream that dies mid-stream is reported, never a clean end", { skip: brokenModel ? false : "needs the configuration of this folder" }, async () => {
  const stream = await client.chat.completions.create({ model: brokenModel, messages: [{ role: "user", content: "Say something long, please, with many words in it." }], stream: true });
  await assert.rejects(collect(stream), (error) => /provider|upstream|stream|error/i.test(error.message));
});
