// Converts the o200k_base ranks of js-tiktoken to src/Protocols/Tokens/Ranks/o200k_base.br: Brotli over
//   u32 little-endian count, then one length byte per token in rank order, then the tokens' bytes in rank order.
// Rank r is the r-th token; the ranks have no holes. Run: npm ci && node convert.mjs
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import o200k from "js-tiktoken/ranks/o200k_base";

const lines = o200k.bpe_ranks.split("\n").filter(Boolean);
const tokens = [];
for (const line of lines) {
  const [, first, ...encoded] = line.split(" ");
  encoded.forEach((text, i) => (tokens[Number(first) + i] = Buffer.from(text, "base64")));
}

for (let rank = 0; rank < tokens.length; rank++) {
  if (!tokens[rank] || tokens[rank].length < 1 || tokens[rank].length > 255) throw new Error(`rank ${rank} is missing or does not fit a length byte`);
}

const count = Buffer.alloc(4);
count.writeUInt32LE(tokens.length);
const plain = Buffer.concat([count, Buffer.from(tokens.map((t) => t.length)), ...tokens]);
const packed = brotliCompressSync(plain, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
});
const target = fileURLToPath(new URL("../../src/Protocols/Tokens/Ranks/o200k_base.br", import.meta.url));
writeFileSync(target, packed);
console.log(`${tokens.length} tokens, ${plain.length} bytes, packed ${packed.length}`);
