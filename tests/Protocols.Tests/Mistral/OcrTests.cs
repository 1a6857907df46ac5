using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Mistral.Ocr;

namespace Fairlead.Protocols.Tests.Mistral;

/// <summary>Mistral's OCR as its API reference gives it: what is asked, and what is made of the answer.</summary>
public sealed class OcrTests
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    [Fact]
    public void Request_NamesModelDocumentAndPictures()
    {
        var output = new ArrayBufferWriter<byte>();
        OcrRequestWriter.Write("https://example.com/a.pdf", "a.pdf", 8, output);

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {"model":"mistral-ocr-latest","document":{"type":"document_url","document_url":"https://example.com/a.pdf","document_name":"a.pdf"},
                 "include_image_base64":true,"image_limit":8}
                """),
            JsonNode.Parse(output.WrittenSpan)));
    }

    [Fact]
    public void Answer_TextsOfPagesAreJoined_PicturesStandBetween()
    {
        var answer = Read($$$"""
            {"pages":[
               {"index":0,"markdown":"# Tides","images":[],"dimensions":{"dpi":200,"height":2200,"width":1700}},
               {"index":1,"markdown":"A chart ![img-0.png](img-0.png)","images":[{"id":"img-0.png","top_left_x":1,"top_left_y":2,"bottom_right_x":3,"bottom_right_y":4,"image_base64":"data:image/png;base64,{{{Png}}}"}],"dimensions":null},
               {"index":2,"markdown":"The end","images":[{"id":"img-1.png","image_base64":"{{{Png}}}"},{"id":"img-2.png","image_base64":null}]}],
             "model":"mistral-ocr-2512","usage_info":{"pages_processed":3,"doc_size_bytes":4096},"document_annotation":null}
            """);

        Assert.Equal(3, answer!.Pages);
        Assert.Equal(
            [new TextPart("# Tides\n\nA chart ![img-0.png](img-0.png)"), new ImagePart("data:image/png;base64," + Png, null), new TextPart("The end"), new ImagePart("data:image/png;base64," + Png, null)],
            answer.Content);
    }

    [Fact]
    public void Answer_SurplusPicturesAreDropped_TextStays()
    {
        var images = string.Join(',', Enumerable.Repeat($$"""{"id":"i","image_base64":"{{Png}}"}""", 5));
        var answer = Read($$$"""{"pages":[{"index":0,"markdown":"one","images":[{{{images}}}]},{"index":1,"markdown":"two","images":[{{{images}}}]}],"usage_info":{"pages_processed":2}}""", mostImages: 6);

        Assert.Equal(6, answer!.Content.Count(static part => part is ImagePart));
        Assert.Equal("two", Assert.IsType<TextPart>(answer.Content[6]).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"pages":{}}""")]
    [InlineData("""{"pages":[],"usage_info":{"pages_processed":-1}}""")]
    [InlineData("""{"pages":[],"usage_info":{"pages_processed":99999999}}""")]
    public void Nonsense_IsNoAnswer(string body) => Assert.Null(Read(body));

    private static OcrAnswer? Read(string body, int mostImages = 8) => OcrAnswer.Read(Encoding.UTF8.GetBytes(body), mostImages);
}
