using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Html;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Repair;
using Fairlead.Protocols.Json.Schemas;
using Fairlead.Protocols.Mistral.Ocr;
using Fairlead.Protocols.Tests.Json.Repair;
using Fairlead.Protocols.Tokens;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>JSON that nobody checked yet, JSON of models, schemas of callers, web pages, data URLs, answers of OCR, and any text to count.</summary>
internal static class TextTargets
{
    private static readonly string[] Json = ["""{"a":[1,-2.5e3,"b\\\"\u00e9",{"c":null,"d":[[],{}]}],"e":{"f":true}}""", " [ \"é\" , {\"x\":{\"y\":[1,2,3]}} ]\n", "\"\\ud83d\\ude00\""];

    private static readonly string[] Schemas =
    [
        """{"schema":{"type":"object","properties":{"city":{"type":"string","pattern":"^[A-Z]","minLength":1},"n":{"type":["integer","null"],"minimum":1,"multipleOf":0.5}},"required":["city"],"additionalProperties":false},"value":{"city":"Oslo","n":3}}""",
        """{"schema":{"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"required":["v"]}},"$ref":"#/$defs/node"},"value":{"v":1,"next":{"v":2}}}""",
        """{"schema":{"anyOf":[{"type":"array","items":[{"const":1}],"additionalItems":{"enum":["a",2]},"uniqueItems":true,"contains":{"not":{}}},{"if":{"minProperties":1},"then":{"patternProperties":{"^x":{"format":"date"}}},"else":false}]},"value":[1,"a",2]}""",
    ];

    private static readonly string[] Pages =
    [
        "<!doctype html><head><title> Tides &amp; times </title><style>p{}</style></head><body><h2>Head</h2><p>one<br/>two<ul><li>a<li>b</ul><table><tr><td>x</td></tr></table><!-- no --><a href=\"u\" title='t'>link</a>",
        "<script>if (a<b) x()</script>1 < 2 &lt;&#x41;&#0;&nbsp;&unknown; <pre>  keep\n  this</pre>",
    ];

    private static readonly string[] Ocr =
    [
        """{"pages":[{"index":0,"markdown":"# T","images":[{"id":"i","image_base64":"data:image/png;base64,iVBORw0KGgo="}],"dimensions":null},{"index":1,"markdown":"x ![i](i)","images":[]}],"model":"m","usage_info":{"pages_processed":2}}""",
    ];

    private static readonly string[] DataUrls = ["data:image/png;base64,iVBORw0KGgo=", "data:text/plain;charset=utf-8,a%20b%C3%A9", "data:;base64,AA==", "iVBORw0KGgoAAAA="];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("json-scan", Bytes(Json), (bytes, _) =>
        {
            try
            {
                Walk(bytes, 0);
            }
            catch (JsonException)
            {
                Assert.False(JsonCheck.IsValid(bytes));
            }
        }),
        new("json-repair", Bytes(HealingCase.All.Select(one => one.Text)), (bytes, _) =>
        {
            var text = Encoding.UTF8.GetString(bytes);
            if (JsonRepair.Repair(text) is not { } repaired)
                return;
            using var parsed = JsonDocument.Parse(repaired, new JsonDocumentOptions { MaxDepth = 100_000 });
            Assert.Null(JsonRepair.Repair(repaired));
        }),
        new("schema-check", Bytes(Schemas), (bytes, _) =>
        {
            if (!JsonCheck.IsValid(bytes))
                return;
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 200 });
            if (document.RootElement.Member("schema"u8) is { } schema && document.RootElement.Member("value"u8) is { } value)
                Assert.NotEqual("", SchemaCheck.FirstFault(schema, value));
        }),
        new("html", Bytes(Pages), (bytes, _) =>
        {
            var page = Encoding.UTF8.GetString(bytes);
            // Marks stand for tags: nine characters for a heading's four.
            Assert.InRange(HtmlText.Of(page).Text.Length, 0, (3 * page.Length) + 9);
        }),
        new("ocr-answer", Bytes(Ocr), (bytes, _) => Assert.True(OcrAnswer.Read(bytes, 3) is not { } answer || answer.Pages >= 0)),
        new("data-url", Bytes(DataUrls), (bytes, _) =>
        {
            var url = Encoding.UTF8.GetString(bytes);
            if (DataUrl.TryParse(url, out var data) || DataUrl.TrySniff(url, out data))
                Convert.FromBase64String(data.Base64);
        }),
        new("token-count", Bytes([.. Json, .. Pages, "Straße naïve 東京 😀 don't I'LL 1234567 \t\r\n  x"]), (bytes, _) => Assert.InRange(Tokenizer.O200k.Count(bytes), 0, bytes.Length)),
    ];

    private static byte[][] Bytes(IEnumerable<string> samples) => [.. samples.Select(Encoding.UTF8.GetBytes)];

    private static void Walk(ReadOnlySpan<byte> json, int depth)
    {
        if (depth > 30)
            return;
        var members = new JsonMembers(json);
        while (members.Next())
            Walk(members.Value, depth + 1);
        var elements = new JsonElements(json);
        while (elements.Next())
            Walk(elements.Value, depth + 1);
    }
}
