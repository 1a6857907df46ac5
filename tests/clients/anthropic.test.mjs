// The npm client `@anthropic-ai/sdk`, unchanged, over providers of every format.
import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic, { AuthenticationError, BadRequestError } from "@anthropic-ai/sdk";
import { brokenModel, key, models, url } from "./gateway.mjs";

const client = new Anthropic({ baseURL: `${url}/api`, apiKey: key, maxRetries: 0 });
const ask = [{ role: "user", content: "Say hello." }];
const tool = { name: "get_weather", description: "The weather of a city", input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } };

for (const model of models) {
  test(`${model}: message`, async () => {
    const { data: message, response } = await client.messages.create({ model, max_tokens: 200, system: "Be kind.", messages: ask }).withResponse();
    assert.equal(message.type, "message");
    assert.equal(message.role, "assistant");
    assert.equal(message.stop_reason, "end_turn");
    assert.ok(message.content[0].text.length > 0);
    assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0);
    assert.ok(message.usage.cost > 0);
    assert.equal(response.headers.get("x-generation-id"), message.id);
  });

  test(`${model}: the accumulating stream helper`, async () => {
    const stream = client.messages.stream({ model, max_tokens: 200, messages: ask });
    let text = "";
    stream.on("text", (piece) => (text += piece));
    const final = await stream.finalMessage();
    assert.equal(final.content[0].text, text);
    assert.equal(final.stop_reason, "end_turn");
    assert.ok(final.usage.output_tokens > 0);
  });

  for (const streamed of [false, true]) {
    test(`${model}: tools, there and back, ${streamed ? "streamed" : "whole"}`, async () => {
      const send = (body) => (streamed ? client.messages.stream(body).finalMessage() : client.messages.create(body));
      const messages = [{ role: "user", content: "What is the weather in Paris? Use the tool." }];
      const first = await send({ model, max_tokens: 400, messages, tools: [tool], tool_choice: { type: "any" } });
      assert.equal(first.stop_reason, "tool_use");
      const call = first.content.find((block) => block.type === "tool_use");
      assert.equal(call.name, "get_weather");
      assert.ok("city" in call.input);
      const second = await send({
        model, max_tokens: 400, tools: [tool],
        messages: [...messages, { role: "assistant", content: first.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "21 degrees" }] }],
      });
      assert.equal(second.stop_reason, "end_turn");
      assert.match(second.content.find((block) => block.type === "text").text, /21 degrees/);
    });
  }

  test(`${model}: max_tokens`, async () => {
    const message = await client.messages.create({ model, max_tokens: 2, messages: [{ role: "user", content: "Repeat: one two three four five six seven" }] });
    assert.equal(message.stop_reason, "max_tokens");
  });
}

test("thinking, with its signature back", { skip: brokenModel ? false : "needs the configuration of this folder" }, async () => {
  const messages = [{ role: "user", content: "Use get_weather" }];
  const body = { model: "acme/anthropic", max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 1024 }, tools: [tool], messages };
  const first = await client.messages.stream(body).finalMessage();
  const thought = first.content.find((block) => block.type === "thinking");
  assert.ok(thought.thinking.length > 0 && thought.signature.length > 0);
  const call = first.content.find((block) => block.type === "tool_use");
  messages.push({ role: "assistant", content: first.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "sun" }] });
  const second = await client.messages.create(body);
  assert.equal(second.stop_reason, "end_turn");
});

test("count tokens", async () => {
  const count = await client.messages.countTokens({ model: models[0], messages: ask });
  assert.ok(count.input_tokens > 0);
});

test("wrong key", async () => {
  const stranger = new Anthropic({ baseURL: `${url}/api`, apiKey: "sk-ant-none", maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ model: models[0], max_tokens: 10, messages: ask }), (error) => {
    assert.ok(error instanceof AuthenticationError);
    assert.equal(error.error.error.type, "authentication_error");
    return true;
  });
});

test("bad request", async () => {
  await assert.rejects(client.messages.create({ model: models[0], max_tokens: 10, messages: [] }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.match(error.message, /messages is required/);
    return true;
  });
});

test("an upstream that dies mid-stream is reported, never a clean end", { skip: brokenModel ? false : "needs the configuration of this folder" }, async () => {
  const stream = client.messages.stream({ model: brokenModel, max_tokens: 500, messages: [{ role: "user", content: "Say something long, please, with many words in it." }] });
  await assert.rejects(stream.finalMessage());
});
