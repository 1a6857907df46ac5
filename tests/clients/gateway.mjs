// Where the gateway under test is, and what all client tests share.
export const url = process.env.FAIRLEAD_URL;
export const base = `${url}/api/v1`;
export const key = process.env.FAIRLEAD_KEY;
export const provisioningKey = process.env.FAIRLEAD_PROVISIONING_KEY;
export const models = process.env.FAIRLEAD_MODELS.split(" ");
export const embeddingModel = process.env.FAIRLEAD_EMBEDDING_MODEL ?? "demo/embed";
export const brokenModel = process.env.FAIRLEAD_BROKEN_MODEL;

export const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

export async function collect(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}
