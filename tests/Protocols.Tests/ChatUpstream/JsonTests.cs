using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Tests.ChatUpstream;

public sealed class JsonTests
{
    [Fact]
    public void MembersAndElements_AreThoseAReaderSees()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 3000; round++)
        {
            var text = RandomJson.Text(random, 5);
            var json = Encoding.UTF8.GetBytes(round % 2 == 0 ? text : $" \n{text}\t");
            Assert.True(JsonCheck.IsValid(json));
            using var document = JsonDocument.Parse(json);
            Compare(document.RootElement, json);
        }
    }

    /// <summary>Containers are scanned in blocks of bytes: strings, escapes and brackets must mean the same wherever a block ends.</summary>
    [Fact]
    public void Members_AreTheSame_WhereverTheyStand()
    {
        string[] values = ["[]", "{\"a\":[{}]}", "\"\\\\\"", "\"\\\"]}\"", "\"\\\\\\\"[{\"", "[\"}\",\"\\\\\",{\"]\":\"[\"}]", new string('[', 50) + new string(']', 50)];
        foreach (var value in values)
        {
            for (var shift = 0; shift < 140; shift++)
            {
                var json = Encoding.UTF8.GetBytes($"{{\"o\":{{\"{new string('x', shift)}\":{value},\"t\":\"{new string('\\', shift * 2)}\"}},\"v\":[{value},{value}]}}");
                using var document = JsonDocument.Parse(json);
                Compare(document.RootElement, json);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("[1 2]")]
    [InlineData("\"\\x\"")]
    [InlineData("nul")]
    [InlineData("// no\n1")]
    public void WhatIsNotJson_IsRefused(string text) => Assert.False(JsonCheck.IsValid(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void NestingAndInvalidUtf8_AreRefused()
    {
        Assert.True(JsonCheck.IsValid(Encoding.UTF8.GetBytes(new string('[', 128) + new string(']', 128))));
        Assert.False(JsonCheck.IsValid(Encoding.UTF8.GetBytes(new string('[', 129) + new string(']', 129))));
        Assert.False(JsonCheck.IsValid(Encoding.UTF8.GetBytes(new string('[', 100_000))));
        Assert.False(JsonCheck.IsValid([(byte)'"', 0xFF, (byte)'"']));
    }

    [Theory]
    [InlineData("plain é 😀")]
    [InlineData("\"\\\b\f\n\r\t\u0000\u001f/")]
    [InlineData("")]
    public void Text_SurvivesEscapingAndUnescaping(string text)
    {
        var output = new PooledBuffer();
        var json = new JsonOutput(output);
        json.BeginArray();
        json.String(text);
        json.String(Encoding.UTF8.GetBytes(text));
        json.EndArray();
        json.Flush();
        var read = JsonNode.Parse(output.Written)!.AsArray();
        Assert.Equal([text, text], read.Select(t => (string?)t));
        Assert.Equal(text, JsonText.ToText(JsonEncodedText.Encode(text).EncodedUtf8Bytes));
        output.Release();
    }

    [Fact]
    public void LongText_IsWrittenWhole_PairsOfSurrogatesIncluded()
    {
        var output = new PooledBuffer();
        for (var shift = 0; shift < 3; shift++)
        {
            var text = new string('a', shift) + string.Concat(Enumerable.Repeat("😀\"é", 400));
            output.Clear();
            var json = new JsonOutput(output);
            json.String(text);
            json.Flush();
            Assert.Equal(text, (string?)JsonNode.Parse(output.Written));
        }
    }

    [Theory]
    [InlineData("\\ud83d\\ude00", "😀")]
    [InlineData("a\\ud83d", "a\uFFFD")]
    [InlineData("\\ude00\\ud83db", "\uFFFD\uFFFDb")]
    [InlineData("\\ud83d\\n", "\uFFFD\n")]
    [InlineData("\\u00e9\\/\\\"\\\\", "é/\"\\")]
    public void LoneSurrogates_BecomeReplacementCharacters(string escaped, string text) =>
        Assert.Equal(text, JsonText.ToText(Encoding.UTF8.GetBytes(escaped)));

    [Fact]
    public void CommasAndNumbers_AreRight()
    {
        var output = new PooledBuffer();
        var json = new JsonOutput(output);
        json.BeginObject();
        json.Name("a"u8);
        json.Number(-1L);
        json.Member("b"u8, "[1]"u8);
        json.Name("c"u8);
        json.Number(0.00000000012m);
        json.Name("d"u8);
        json.BeginArray();
        json.EndArray();
        json.Name("e"u8);
        json.BeginObject();
        json.EndObject();
        json.Name("f"u8);
        json.OpenString();
        json.Text(":"u8);
        json.CloseString();
        json.Name("g"u8);
        json.Null();
        json.EndObject();
        var length = json.Length;
        json.Flush();
        Assert.Equal("""{"a":-1,"b":[1],"c":0.00000000012,"d":[],"e":{},"f":":","g":null}""", Encoding.UTF8.GetString(output.Written));
        Assert.Equal(length, output.Written.Length);
    }

    private static void Compare(JsonElement expected, ReadOnlySpan<byte> json)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            var members = new JsonMembers(json);
            foreach (var member in expected.EnumerateObject())
            {
                Assert.True(members.Next());
                Assert.Equal(member.Name, JsonText.ToText(members.Name));
                Assert.Equal(member.Value.GetRawText(), Encoding.UTF8.GetString(members.Value));
                Compare(member.Value, members.Value);
            }
            Assert.False(members.Next());
        }
        else if (expected.ValueKind == JsonValueKind.Array)
        {
            var elements = new JsonElements(json);
            foreach (var element in expected.EnumerateArray())
            {
                Assert.True(elements.Next());
                Assert.Equal(element.GetRawText(), Encoding.UTF8.GetString(elements.Value));
                Compare(element, elements.Value);
            }
            Assert.False(elements.Next());
            Assert.Equal(expected.GetArrayLength(), JsonElements.Count(json));
        }
    }
}
