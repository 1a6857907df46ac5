// `/responses` with the npm client `openai`, unchanged, over providers of every format.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI, { BadRequestError } from "openai";
import { base, brokenModel, collect, key, models } from "./gateway.mjs";

const client = new OpenAI({ baseURL: base, apiKey: key, maxRetries: 0 });
const tool = {
  type: "function", name: "get_weather", description: "The weather of a city", strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

for (const model of models) {
  test(`${model}: response`, async () => {
    const response = await client.responses.create({ model, input: "Say hello.", instructions: "Be kind.", max_output_tokens: 200, store: false });
    assert.equal(response.object, "response");
    assert.equal(response.status, "completed");
    assert.ok(response.output_text.length > 0);
    assert.ok(response.usage.input_tokens > 0 && response.usage.output_tokens > 0 && response.usage.cost > 0);
    assert.equal(response.instructions, "Be kind.");
  });

  test(`${model}: stream, by hand and by the accumulating helper`, async () => {
    const events = await collect(await client.responses.create({ model, input: "Say hello.", stream: true, store: false }));
    assert.equal(events[0].type, "response.created");
    assert.equal(events.at(-1).type, "response.completed");
    const text = events.filter((event) => event.type === "response.output_text.delta").map((event) => event.delta).join("");
    assert.equal(events.at(-1).response.output_text ?? text, text);
    const final = await client.responses.stream({ model, input: "Say hello.", store: false }).finalResponse();
    assert.ok(final.output_text.length > 0);
  });

  for (const streamed of [false, true]) {
    test(`${model}: tools, there and back, ${streamed ? "streamed" : "whole"}`, async () => {
      const send = (body) => (streamed ? client.responses.stream(body).finalResponse() : client.responses.create(body));
      const input = [{ role: "user", content: "What is the weather in Paris? Use the tool." }];
      const first = await send({ model, input, tools: [tool], tool_choice: "required", store: false });
      const call = first.output.find((item) => item.type === "function_call");
      assert.equal(call.name, "get_weather");
      assert.ok("city" in JSON.parse(call.arguments));
      const second = await send({
        model, tools: [tool], store: false,
        input: [...input, ...first.output.map(({ parsed_arguments, ...item }) => item), { type: "function_call_output", call_id: call.call_id, output: "21 degrees" }],
      });
      assert.match(second.output_text, /21 degrees/);
    });
  }

  test(`${model}: structured output`, async () => {
    const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } }, required: ["name", "age"], additionalProperties: false };
    const response = await client.responses.create({ model, input: "Make one up.", store: false, text: { format: { type: "json_schema", name: "person", strict: true, schema } } });
    assert.equal(typeof JSON.parse(response.output_text).age, "number");
  });
}

test("nothing is stored", async () => {
  await assert.rejects(client.responses.create({ model: models[0], input: "x", store: true }), (error) => error instanceof BadRequestError && /store/.test(error.message));
});

test("an upstream that dies mid-stream is reported, never a clean end", { skip: brokenModel ? false : "needs the configuration of this folder" }, async () => {
  const events = await collect(await client.responses.create({ model: brokenModel, input: "Say something long, please, with many words in it.", stream: true, store: false }));
  assert.equal(events.at(-1).type, "response.failed");
  assert.ok(!events.some((event) => event.type === "response.completed"));
});
