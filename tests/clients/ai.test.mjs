// The npm client `ai` with `@openrouter/ai-sdk-provider`, unchanged.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { base, brokenModel, key, models } from "./gateway.mjs";

const openrouter = createOpenRouter({ baseURL: base, apiKey: key });
const tools = {
  get_weather: tool({
    description: "The weather of a city",
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
    execute: async () => "21 degrees",
  }),
};

for (const model of models) {
  test(`${model}: text`, async () => {
    const answer = await generateText({ model: openrouter(model), prompt: "Say hello.", maxRetries: 0 });
    assert.ok(answer.text.length > 0);
    assert.equal(answer.finishReason, "stop");
    assert.ok(answer.usage.inputTokens > 0 && answer.usage.outputTokens > 0);
    assert.ok(answer.providerMetadata.openrouter.usage.cost > 0);
  });

  test(`${model}: stream`, async () => {
    const answer = streamText({ model: openrouter(model), prompt: "Say hello.", maxRetries: 0 });
    let text = "";
    for await (const piece of answer.textStream) text += piece;
    assert.ok(text.length > 0);
    assert.equal(await answer.finishReason, "stop");
  });

  test(`${model}: a loop of tools`, async () => {
    const answer = await generateText({ model: openrouter(model), prompt: "What is the weather in Paris? Use get_weather.", tools, stopWhen: stepCountIs(3), maxRetries: 0 });
    assert.ok(answer.steps.length >= 2);
    assert.match(answer.text, /21 degrees/);
  });
}

test("an upstream that dies mid-stream is reported, never a clean end", { skip: brokenModel ? false : "needs the configuration of this folder" }, async () => {
  const errors = [];
  const answer = streamText({ model: openrouter(brokenModel), prompt: "Say something long, please, with many words in it.", maxRetries: 0, onError: ({ error }) => errors.push(error) });
  for await (const piece of answer.textStream) assert.equal(typeof piece, "string");
  assert.ok(errors.length > 0 || (await answer.finishReason) === "error");
});
