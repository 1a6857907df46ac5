// Records what js-tiktoken makes of a fixed set of texts: tests/Protocols.Tests/Tokens/Cases/o200k.jsonl, one object per line:
// name, text (or unit and times for long runs), ids. Same output on every run. Run: npm ci && node record-cases.mjs
// Random texts only use code points that Unicode 15 knows, so that a newer Unicode table on either side changes nothing.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Tiktoken } from "js-tiktoken/lite";
import ranks from "js-tiktoken/ranks/o200k_base";

const encoder = new Tiktoken(ranks);
const lines = [];
const add = (name, text) => lines.push(JSON.stringify({ name, text, ids: encoder.encode(text, [], []) }));
const addRun = (name, unit, times) => lines.push(JSON.stringify({ name, unit, times, ids: encoder.encode(unit.repeat(times), [], []) }));

// xorshift32: the texts must be the same on every run.
let state = 20261120;
const random = (below) => {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % below;
};
const pick = (list) => list[random(list.length)];

const languages = {
  english: "All human beings are born free and equal in dignity and rights. They're endowed with reason and conscience.",
  german: "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Donaudampfschifffahrtsgesellschaftskapitän!",
  french: "Tous les êtres humains naissent libres et égaux en dignité et en droits. L'été, c'est l'œuvre d'aujourd'hui.",
  spanish: "Todos los seres humanos nacen libres e iguales en dignidad y derechos. ¿Qué tal? ¡Mañana!",
  portuguese: "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Não há coração são.",
  italian: "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Perché no? È così.",
  polish: "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Zażółć gęślą jaźń.",
  czech: "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Příliš žluťoučký kůň.",
  turkish: "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İstanbul'da ılık ışık.",
  vietnamese: "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.",
  russian: "Все люди рождаются свободными и равными в своем достоинстве и правах.",
  ukrainian: "Всі люди народжуються вільними і рівними у своїй гідності та правах. Їжак з'їв п'ять яблук.",
  greek: "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
  hebrew: "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. בְּרֵאשִׁית בָּרָא אֱלֹהִים",
  arabic: "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. بِسْمِ اللَّهِ الرَّحْمَٰنِ الرَّحِيمِ ١٢٣٤٥",
  persian: "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. ۱۲۳۴",
  hindi: "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। १२३४",
  bengali: "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।",
  tamil: "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்",
  thai: "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ๑๒๓",
  burmese: "လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း",
  georgian: "ყველა ადამიანი იბადება თავისუფალი და თანასწორი. ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ",
  armenian: "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ",
  amharic: "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።",
  chinese: "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
  traditional: "人人生而自由,在尊嚴和權利上一律平等。臺灣繁體中文測試。",
  japanese: "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。カタカナ ﾊﾝｶｸ 第3回",
  korean: "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 안녕하세요 123",
  decomposed: "Würde Café Ångström résumé".normalize("NFD") + " é́́́ x̧̨",
  titlecase: "ǅungla ǈubav ǋegoš ᾼδης Džungla",
};
for (const [name, text] of Object.entries(languages)) add(name, text);

const code = {
  csharp: 'public static int Sum(int[] xs)\n{\n    var total = 0;\n    foreach (var x in xs)\n        total += x; // add\n    return total;\n}\n\n\n',
  python: "def fib(n):\n\tif n < 2:\n\t\treturn n\n\treturn fib(n-1) + fib(n-2)\n\n\nprint([fib(i) for i in range(10)])\n",
  javascript: "const x = async () => { await fetch(`https://example.com/a/b?c=${d}&e=1#f`); };\r\n\r\n  // don't\r\n",
  html: '<!DOCTYPE html>\n<div class="a b" id=\'c\'>&nbsp;<br/></div>\n<!-- x -->',
  json: JSON.stringify({ a: [1, 2.5, -3e10, null, true], b: { c: "d\n\"e\"", é: "ü" } }, null, 2),
  sql: "SELECT u.id, COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id=u.id WHERE u.created_at>='2025-01-01' GROUP BY 1;",
  regex: "^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+)@\\d{1,3}(?<!x)$",
  paths: "/usr/local/bin/../lib/libfoo.so.1.2.3 C:\\Windows\\System32\\drivers\\etc\\hosts ./a//b///c////\n/\n//\r\n/x",
  markdown: "# Title\n\n* item **bold** _it_\n  1. sub\n\n```sh\n$ ls -la | grep x > /dev/null 2>&1\n```\n\n---\n| a | b |\n|---|:-:|\n",
  base64: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  uuid: "gen-1732131138-8f14e45f-ceea-467f-9d3c-2f1b5a0c7e11",
  camel: "getHTTPResponseCodeFromXMLParserV2 parseJSON2YAML iPhone McDonald's eBay O'Reilly's XMLHttpRequest",
  snake: "snake_case_name SCREAMING_SNAKE_CASE kebab-case-name __init__ _x $y @z #w %v",
};
for (const [name, text] of Object.entries(code)) add(name, text);

const edge = {
  empty: "",
  space: " ",
  newline: "\n",
  contractions: "I'm you're he's she'd we'll they've don't I'M YOU'RE HE'S SHE'D WE'LL THEY'VE DON'T 'tis 's 'S a'sb a'S1 x'Ll y'vE z'rE 'm'd're",
  contractionLookalikes: "a'ſ rock 'n' roll o'clock ''s a''s a'  s d'accord l'x 'r 'v 'l x'r x'v x'l",
  numbers: "1 12 123 1234 12345 123456 1,234,567.89 ٣٤٥٦ ½¾ Ⅳ ²³ 1²3 x1y2 一二三 1️⃣ ①②③④",
  spacesThenWord: "   word", spacesThenNumber: "   1", spacesThenPunctuation: "   !", trailing: "word   ", tabs: "\t\tword \tx\t 1",
  newlines: "a\n\n\nb\r\n\r\nc\rd\n \n  \n\te\n   ", newlinesThenSpaces: "a\n   b\n\n   !\n\n  1", onlyWhitespace: " \n \t\r\n  ", newlineRun: "\n\n\n\n\n\n \n\n x",
  punctuation: "!!! ... ,,, ??? --- === *** ((( ))) [[[ ]]] {{{ }}} <<< >>> /// \\\\\\ ||| &&& ### $$$ %%% ^^^ ~~~ ``` ''' \"\"\" ;;; :::",
  punctuationWords: "(hello) [World] {x} \"quoted\" 'single' <tag> a.b c,d e;f !Go ?What /path .net -flag --long-flag =x",
  punctuationNewline: "end.\n\nnext!\r\n\r\n/slash?/\n/x;\n\n\n  y ./\n",
  nbsp: "a\u00a0b\u00a0\u00a0c \u00a0d\u00a0 e\u3000f\u2003g\u2028h\u2029i\u202fj\u205fk\u1680l",
  oddSpaces: "a\u0085b \u0085 c\ufeffd \ufeff e\u200bf\u200dg\u180eh\u000bi\u000cj\u001ck",
  emoji: "😀😃 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ☎️ ✈ 🧑🏿‍🚀x 😀a 1😀 😀\n😀/",
  symbols: "€£¥©®™±×÷≤≥≠∞∑∫√→←↑↓↔ αβγ ΑΒΓ №℃ ﷺ",
  controls: "\u0000\u0001\u0007\u001b[31mred\u001b[0m\u007f a\u0000b",
  marksFirst: "\u0301abc \u0301ABC \u0301\u0301 \u0301 1\u0301 A\u0301B\u0301c \u0301ABC\u0301DE F\u0301G",
  caseMix: "ABCdef ABcDEf aBCd ABC DEF aB Ab AB'S ABc's ªºA ʰA ʰa Aʰ AʰB ABʰCD ABʰcd中AB A中b",
  private: "\ue000\uf8ff \u{e000}a\u{f0000}b",
  specialSpellings: "<|endoftext|> <|endofprompt|> a<|endoftext|>b <|im_start|>user",
  astral: "𝒜𝒷𝒸 𝟙𝟚𝟛𝟜 𐐀𐐨𐐁 𠀀𠀁 𓀀𓀁 𝔘𝔫𝔦",
  longWord: "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
  chat: "user: What's 2+2?\nassistant: It's 4.\n\nuser: Thanks!! 🙏\n",
};
for (const [name, text] of Object.entries(edge)) add(name, text);

for (const [name, unit] of Object.entries({ a: "a", A: "A", space: " ", newline: "\n", crlf: "\r\n", emoji: "😀", digit: "7", dash: "-", mark: "\u0301", han: "的", aB: "aB", Ab: "Ab", ab: "ab", xyz: "xyz", tab: "\t", zero: "\u0000", apostrophe: "'", spaceNewline: " \n" })) {
  for (const times of [2, 3, 7, 16, 63, 64, 65, 66, 129, 500]) addRun(`${name} x ${times}`, unit, times);
}
for (const unit of ["a", " ", "ACGT", "的"]) addRun(`${unit} long`, unit, 3000);

const known = [];
for (let code = 0; code < 0x30000; code++) {
  if (code >= 0xd800 && code < 0xe000) continue;
  if (!/\p{Cn}/u.test(String.fromCodePoint(code))) known.push(code);
}
const palettes = [
  () => String.fromCodePoint(32 + random(95)),
  () => String.fromCodePoint(pick(known)),
  () => String.fromCodePoint(random(0x250)),
  () => pick([" ", "\n", "\r", "\t", "/", "a", "B", "1", "!", "'", "s", "\u0301", "\u00a0"]),
  () => pick(["A", "b", "\u0301", "中", "ʰ", "ǅ", "'", "s", "T", "re", "LL", "9", ".", " ", "  "]),
  () => pick(["the ", "quick", " Brown", "FOX", "'s ", "3", "14", "\n", "  ", "é", "日本", "🙂", "_", "()", "//", "ing"]),
];
for (let i = 0; i < 360; i++) {
  const palette = palettes[i % palettes.length];
  let text = "";
  for (let n = 1 + random(60); n > 0; n--) text += palette();
  add(`random ${i}`, text);
}

for (let i = 0; i < 40; i++) {
  const letters = "etaoinshrdlucmfwypvbgkjqxz";
  let text = "";
  for (let n = 40 + random(160); n > 0; n--) text += letters[random(1 + random(letters.length))];
  add(`random letters ${i}`, text);
}

writeFileSync(fileURLToPath(new URL("../../tests/Protocols.Tests/Tokens/Cases/o200k.jsonl", import.meta.url)), lines.join("\n") + "\n");
console.log(`${lines.length} cases`);
