using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Messages;
using Fairlead.Inference;
using Fairlead.Inference.Plugins.FileParser.Ocr;
using Microsoft.Extensions.Options;

namespace Fairlead.Gateway.Tests.Plugins.FileParser;

/// <summary>Files over real sockets: read for models that take none, as they are for those that do (routing §11.3).</summary>
public sealed class FileParserTests(FileParserHost host) : IClassFixture<FileParserHost>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pdf_ReachesAModelWithoutFilesAsText_AndComesBackAsAnAnnotation_Free(bool stream)
    {
        var page = $"The tide turns at four {stream}.";
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", FileParserHost.Pdf(page, "Then it ebbs."), stream: stream));

        Assert.Equal(200, reply.Status);
        Assert.Equal("I have read it", reply.Content);
        var sent = host.Sent();
        Assert.Equal(2, sent.Count);
        Assert.Equal(("text", $"File: tides.pdf\n\n{page}\n\nThen it ebbs."), ((string?)sent[0]["type"], (string?)sent[0]["text"]));

        var file = Assert.Single(FileParserHost.Annotations(reply))["file"]!;
        Assert.Equal(("tides.pdf", Convert.ToHexStringLower(SHA256.HashData(TestPdf.Of(page, "Then it ebbs.")))), ((string?)file["name"], (string?)file["hash"]));
        Assert.Equal(("text", page + "\n\nThen it ebbs."), ((string?)file["content"]![0]!["type"], (string?)file["content"]![0]!["text"]));
        Assert.InRange(reply.Cost, 0.00001m, 0.0002m);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("native")]
    public async Task Pdf_ReachesAModelWithFilesAsItIs_WithoutAnnotation(string? engine)
    {
        var pdf = FileParserHost.Pdf("native");
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/reader", pdf, engine: engine));

        Assert.Equal(200, reply.Status);
        Assert.Equal(pdf, (string?)host.Sent()[0]["file"]!["file_data"]);
        Assert.Empty(FileParserHost.Annotations(reply));
    }

    [Theory]
    [InlineData("pdf-text")]
    [InlineData("cloudflare-ai")]
    public async Task EngineForText_IsUsed_WhereTheModelTakesFilesToo(string engine)
    {
        Assert.Equal(200, (await host.Gateway.ChatAsync(FileParserHost.Body("acme/reader", FileParserHost.Pdf("chosen"), engine: engine))).Status);
        Assert.Equal("File: tides.pdf\n\nchosen", (string?)host.Sent()[0]["text"]);
    }

    [Fact]
    public async Task BareBase64_IsAPdf_AndHasAName()
    {
        var body = FileParserHost.Body("acme/plain", Convert.ToBase64String(TestPdf.Of("bare")), name: null);
        Assert.Equal("document.pdf", (string?)Assert.Single(FileParserHost.Annotations(await host.Gateway.ChatAsync(body)))["file"]!["name"]);
    }

    [Theory]
    [InlineData("text/plain", "a.txt", "ebb")]
    [InlineData("text/markdown", "a.md", "# Ebb")]
    [InlineData("text/csv", "a.csv", "ebb,flow\n1,2")]
    [InlineData("application/json", "a.json", "{\"ebb\":1}")]
    [InlineData("text/html", "a.html", "<p>ebb</p>")]
    [InlineData("application/octet-stream", "a.MD", "grüß")]
    public async Task TextFile_IsItsText_AlsoForOpenAIsModelsThatTakePdfsOnly(string type, string name, string text)
    {
        foreach (var model in (string[])["acme/plain", "acme/reader"])
        {
            var reply = await host.Gateway.ChatAsync(FileParserHost.Body(model, FileParserHost.Data(type, text), name));
            Assert.Equal(200, reply.Status);
            Assert.Equal($"File: {name}\n\n{text}", (string?)host.Sent()[0]["text"]);
            Assert.Empty(FileParserHost.Annotations(reply));
        }
    }

    [Theory]
    [InlineData("acme/plain", "data:application/zip;base64,UEsDBA==", null, "takes no files")]
    [InlineData("acme/plain", "data:text/plain;base64,/w==", null, "no UTF-8")]
    [InlineData("acme/plain", "AAAA", null, "file_data must be")]
    [InlineData("acme/plain", "data:application/pdf;base64,AAAA", null, "tides.pdf: The PDF is damaged")]
    [InlineData("acme/plain", "data:application/pdf;base64,AAAA", "native", "file")]
    [InlineData("acme/plain", "data:application/pdf;base64,AAAA", "magic", "must be one of")]
    public async Task WhatCannotBeRead_IsRefusedInWords_BeforeAnythingIsSent_WithoutCharge(string model, string data, string? engine, string reason)
    {
        var (requests, spent) = (host.Gateway.Simulator!.Requests.Count, await host.Gateway.SpentAsync());
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body(model, data, engine: engine));

        Assert.Equal(engine == "native" ? 404 : 400, reply.Status);
        Assert.Contains(reason, (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal(requests, host.Gateway.Simulator!.Requests.Count);
        Assert.Equal(spent, await host.Gateway.SpentAsync());
    }

    [Fact]
    public async Task AnotherType_GoesToAModelThatTakesFiles()
    {
        Assert.Equal(200, (await host.Gateway.ChatAsync(FileParserHost.Body("acme/reader", "data:application/zip;base64,UEsDBA==", "a.zip"))).Status);
        Assert.Equal("data:application/zip;base64,UEsDBA==", (string?)host.Sent()[0]["file"]!["file_data"]);
    }

    [Fact]
    public async Task MoreFilesThanAllowed_AreRefused()
    {
        var body = FileParserHost.Body("acme/plain", FileParserHost.Pdf("a"));
        body["messages"]![0]!["content"]!.AsArray().Add(body["messages"]![0]!["content"]![0]!.DeepClone());
        body["plugins"] = JsonNode.Parse("""[{"id":"file-parser","max_files":1}]""");
        var reply = await host.Gateway.ChatAsync(body);

        Assert.Equal(400, reply.Status);
        Assert.Contains("max_files", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SwitchedOff_FilesGoOnlyToModelsThatTakeThem()
    {
        var body = FileParserHost.Body("acme/plain", FileParserHost.Pdf("off"));
        body["plugins"] = JsonNode.Parse("""[{"id":"file-parser","enabled":false}]""");
        Assert.Equal(404, (await host.Gateway.ChatAsync(body)).Status);
        body["model"] = "acme/reader";
        Assert.Equal(200, (await host.Gateway.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task FileByAddress_IsFetched_AndNamedAfterIt()
    {
        host.Files.Answer = _ => (200, Encoding.ASCII.GetString(TestPdf.Of("fetched")));
        Assert.Equal(200, (await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", host.Files.Address + "/docs/the%20tide.pdf", name: null))).Status);
        Assert.Equal("File: the tide.pdf\n\nfetched", (string?)host.Sent()[0]["text"]);

        host.Files.Answer = _ => (200, """{"ebb":2}""");
        Assert.Equal(200, (await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", host.Files.Address + "/a.json", name: "a.json"))).Status);
        Assert.Equal("File: a.json\n\n{\"ebb\":2}", (string?)host.Sent()[0]["text"]);

        host.Files.Answer = _ => (404, "");
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", host.Files.Address + "/gone.pdf"));
        Assert.Equal((400, "image_download_failed"), (reply.Status, reply.ErrorType));
    }

    [Fact]
    public async Task Ocr_IsPaidByThePage_AndItsPicturesGoToModelsThatSee()
    {
        host.OcrReads(pictures: 5, "# One", "# Two");
        var pdf = FileParserHost.Pdf("scan for eyes");
        var before = host.Ocr.Requests.Count;
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/eyes", pdf, engine: "mistral-ocr"));

        Assert.Equal(200, reply.Status);
        var asked = host.Ocr.Requests.Last();
        Assert.Equal(("POST", "/v1/ocr", "Bearer ocr-key"), (asked.Method, asked.Path, asked.Headers["Authorization"]));
        Assert.Equal(("mistral-ocr-latest", pdf), ((string?)JsonNode.Parse(asked.Body)!["model"], (string?)JsonNode.Parse(asked.Body)!["document"]!["document_url"]));
        var sent = host.Sent();
        Assert.Equal("File: tides.pdf\n\n# One", (string?)sent[0]["text"]);
        // 8 of the 10 pictures; the text of all pages.
        Assert.Equal(8, sent.Count(part => (string?)part["type"] == "image_url"));
        Assert.Contains(sent, part => (string?)part["text"] == "# Two");
        Assert.Equal(reply.Cost, (await host.Gateway.GenerationAsync(reply.GenerationId))["total_cost"]!.GetValue<decimal>());
        Assert.InRange(reply.Cost, 0.004m, 0.0050m);

        // The same file again, for a model that reads text only: from memory, no fee, no pictures.
        var again = await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", pdf, engine: "mistral-ocr"));
        Assert.Equal(before + 1, host.Ocr.Requests.Count);
        Assert.DoesNotContain(host.Sent(), part => (string?)part["type"] == "image_url");
        Assert.InRange(again.Cost, 0.00001m, 0.001m);
    }

    [Fact]
    public async Task Ocr_GetsAddressesAsTheyAre()
    {
        host.OcrReads(0, "from afar");
        var address = host.Files.Address + "/far.pdf";
        var fetched = host.Files.Requests.Count;
        Assert.Equal(200, (await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", address, engine: "mistral-ocr"))).Status);

        Assert.Equal(address, (string?)JsonNode.Parse(host.Ocr.Requests.Last().Body)!["document"]!["document_url"]);
        Assert.Equal(fetched, host.Files.Requests.Count);
        Assert.Equal("File: tides.pdf\n\nfrom afar", (string?)host.Sent()[0]["text"]);
    }

    [Fact]
    public async Task AnnotationSentBack_IsUsed_NothingIsParsedOrPaid()
    {
        host.OcrReads(0, "never read");
        var pdf = TestPdf.Of("sent back");
        var body = FileParserHost.Body("acme/plain", "data:application/pdf;base64," + Convert.ToBase64String(pdf), engine: "mistral-ocr");
        var answer = JsonNode.Parse($$$"""
            {"role":"assistant","content":"I have read it","annotations":[
              {"type":"url_citation","url_citation":{"url":"https://example.org"}},
              {"type":"file","file":{"hash":"{{{Convert.ToHexStringLower(SHA256.HashData(pdf))}}}","name":"tides.pdf","content":[{"type":"text","text":"what was read before"}]}}]}
            """)!;
        body["messages"]!.AsArray().Add(answer);
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "Repeat after me: once" });
        var asked = host.Ocr.Requests.Count;
        var reply = await host.Gateway.ChatAsync(body);

        Assert.Equal("once", reply.Content);
        Assert.Equal(asked, host.Ocr.Requests.Count);
        Assert.Empty(FileParserHost.Annotations(reply));
        Assert.InRange(reply.Cost, 0.00001m, 0.001m);
        var sent = JsonNode.Parse(host.Gateway.Simulator!.Requests[^1].BodyText)!["messages"]!;
        Assert.Equal("File: tides.pdf\n\nwhat was read before", (string?)sent[0]!["content"]![0]!["text"]);
        Assert.Null(sent[1]!["annotations"]);
    }

    [Theory]
    [InlineData(500, 502)]
    [InlineData(401, 502)]
    [InlineData(429, 429)]
    [InlineData(422, 422)]
    public async Task OcrFails_IsSaid_NothingIsSentOrPaid(int status, int expected)
    {
        host.Ocr.Answer = _ => (status, """{"detail":"no"}""");
        var (requests, spent) = (host.Gateway.Simulator!.Requests.Count, await host.Gateway.SpentAsync());
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/plain", FileParserHost.Pdf($"status {status}"), engine: "mistral-ocr"));

        Assert.Equal(expected, reply.Status);
        Assert.Contains("mistral-ocr", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal(requests, host.Gateway.Simulator!.Requests.Count);
        Assert.Equal(spent, await host.Gateway.SpentAsync());
    }

    [Fact]
    public async Task OcrIsSlow_IsATimeout()
    {
        await using var slow = await FakeService.StartAsync();
        slow.Takes = TimeSpan.FromSeconds(30);
        using var ocr = new MistralOcr(Options.Create(new InferenceOptions()));
        var outcome = await ocr.ReadAsync(new OcrService(slow.Address, "k", TimeSpan.FromSeconds(0.3), AllowPrivate: true), "https://example.org/a.pdf", "a.pdf", CancellationToken.None);

        Assert.Equal(504, outcome.Error!.Status);
    }

    [Fact]
    public async Task OcrNotSetUp_IsSaid()
    {
        await using var plain = await GatewayHost.StartAsync();
        var reply = await plain.ChatAsync(FileParserHost.Body("acme/openai", FileParserHost.Pdf("x"), engine: "mistral-ocr"));

        Assert.Equal(400, reply.Status);
        Assert.Contains("MISTRAL_API_KEY", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PagesAreHeldFor_TooFewCreditsAreSaid_BeforeOcrIsAsked()
    {
        await using var ocr = await FakeService.StartAsync();
        await using var poor = await GatewayHost.StartAsync(new()
        {
            Credits = 0.03m,
            Config = UpstreamConfig.Of(
                new UpstreamSetup
                {
                    Inference = JsonNode.Parse($$$"""{"file_parser":{"mistral_ocr":{"base_url":"{{{ocr.Address}}}","api_key":"k","price":"0.002"},"max_ocr_pages":500}}""")!.AsObject(),
                },
                "sim"),
        });
        // A file of a few bytes may have 20 pages: 0.04 dollars.
        var body = FileParserHost.Body(UpstreamConfig.Model, FileParserHost.Pdf("dear"), engine: "mistral-ocr");
        body["max_tokens"] = 10;
        Assert.Equal(402, (await poor.ChatAsync(body)).Status);
        Assert.Empty(ocr.Requests);

        body.Remove("plugins");
        Assert.Equal(200, (await poor.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task NobodyAnswers_WhatWasReadComesWithTheError()
    {
        host.OcrReads(0, "read in vain");
        var spent = await host.Gateway.SpentAsync();
        var reply = await host.Gateway.ChatAsync(FileParserHost.Body("acme/broken", FileParserHost.Pdf("vain"), engine: "mistral-ocr"));

        Assert.Equal(503, reply.Status);
        var file = Assert.Single(reply.Json["error"]!["metadata"]!["file_annotations"]!.AsArray())!["file"]!;
        Assert.Equal(("tides.pdf", "read in vain"), ((string?)file["name"], (string?)file["content"]![0]!["text"]));
        Assert.Equal(spent, await host.Gateway.SpentAsync());
    }

    [Fact]
    public async Task FallbackFromAModelWithFilesToOneWithout_EachGetsTheFileItsWay()
    {
        var body = FileParserHost.Body("acme/broken-reader", FileParserHost.Pdf("either way"));
        body["models"] = new JsonArray("acme/plain");
        var before = host.Gateway.Simulator!.Requests.Count;
        var reply = await host.Gateway.ChatAsync(body);

        Assert.Equal(("acme/plain", 200), ((string?)reply.Json["model"], reply.Status));
        var sent = host.Gateway.Simulator.Requests.Skip(before).Select(request => JsonNode.Parse(request.BodyText)!["messages"]![0]!["content"]![0]!).ToList();
        Assert.StartsWith("data:application/pdf", (string?)sent[0]["file"]!["file_data"], StringComparison.Ordinal);
        Assert.Equal("File: tides.pdf\n\neither way", (string?)sent[^1]["text"]);
    }

    [Fact]
    public async Task DocumentsOfMessages_AndFilesOfResponses_AreReadToo()
    {
        var pdf = Convert.ToBase64String(TestPdf.Of("for all"));
        var message = MessagesClient.Body(model: "acme/plain");
        message["messages"]![0]!["content"] = JsonNode.Parse($$$"""
            [{"type":"document","title":"m.pdf","source":{"type":"base64","media_type":"application/pdf","data":"{{{pdf}}}"}},{"type":"text","text":"Repeat after me: read"}]
            """);
        Assert.Equal("read", (await host.Gateway.MessageAsync(message)).Content);
        Assert.Equal("File: m.pdf\n\nfor all", (string?)host.Sent()[0]["text"]);

        using var request = new StringContent($$$"""
            {"model":"acme/plain","input":[{"role":"user","content":[{"type":"input_file","filename":"r.pdf","file_data":"data:application/pdf;base64,{{{pdf}}}"},{"type":"input_text","text":"Repeat after me: read"}]}]}
            """, Encoding.UTF8, "application/json");
        using var response = await host.Gateway.Client.PostAsync("api/v1/responses", request);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("File: r.pdf\n\nfor all", (string?)host.Sent()[0]["text"]);
    }
}
