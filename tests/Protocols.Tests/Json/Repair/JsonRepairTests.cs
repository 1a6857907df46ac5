using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Json.Repair;
using Fairlead.Protocols.Tests.ChatUpstream;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Json.Repair;

/// <summary>What holds for every text, in as many rounds as <see cref="Fuzzer.Rounds"/> says; a failing round prints its seed.</summary>
public sealed class JsonRepairTests
{
    private static readonly string[] Splices =
    [
        "{", "}", "[", "]", "\"", "'", ",", ":", "\\", "\n", "```", "```json\n", "//", "/*", "*/", "# ", "True", "None", "NaN", "-", "1e", ".5", "word", "\uFEFF", "é", "\u0001", "😀", "{\"a\":", "\"b", "\\u12",
        " it's ", "}}}", "[[[", ",,", "\": \"",
    ];

    [Fact]
    public void MutatedTexts_AreJsonAfterwardsOrUntouched_AndStayWhatTheyBecame()
    {
        for (var round = 0; round < Fuzzer.Rounds; round++)
        {
            var random = new Random(round);
            var text = HealingCase.All[random.Next(HealingCase.All.Count)].Text;
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                text = Mutate(text, random);
            AssertSound(text, $"round {round}");
        }
    }

    [Fact]
    public void ReadingOn_BehindWhatIsJson_IsReadingFromTheStart()
    {
        var resumed = 0;
        for (var round = 0; round < Fuzzer.Rounds; round++)
        {
            var random = new Random(round);
            var text = round % 2 == 0 ? HealingCase.All[random.Next(HealingCase.All.Count)].Text : RandomJson.Text(random, 5);
            for (var changes = random.Next(1, 3); changes > 0; changes--)
                text = Mutate(text, random);
            var utf8 = Encoding.UTF8.GetBytes(text.TrimStart());
            if (utf8 is not [(byte)'{' or (byte)'[', ..] || ValidPrefix.Parses(utf8, out var prefix) || prefix.At == 0)
                continue;
            resumed++;
            foreach (var loose in (ReadOnlySpan<bool>)[false, true])
                Assert.True(Read(utf8, loose, default) == Read(utf8, loose, prefix), $"round {round}: {text}");
        }

        Assert.True(resumed > Fuzzer.Rounds / 10, $"{resumed} of {Fuzzer.Rounds}");
    }

    private static string? Read(byte[] utf8, bool looseQuotes, ValidPrefix prefix)
    {
        var output = new ArrayBufferWriter<byte>();
        var reader = new TolerantReader(utf8, looseQuotes, output);
        return reader.TryCopy(prefix) ? $"{reader.AtEnd} {Encoding.UTF8.GetString(output.WrittenSpan)}" : null;
    }

    [Fact]
    public void JsonThatParses_IsNeverTouched_WhateverItsLayout()
    {
        for (var round = 0; round < Fuzzer.Rounds; round++)
        {
            var random = new Random(round);
            var text = RandomJson.Text(random, 5);
            Assert.Null(JsonRepair.Repair(text));
            Assert.Null(JsonRepair.Repair($"\n {JsonNode.Parse(text)?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) ?? "null"} \r\n"));
        }
    }

    [Fact]
    public void JsonWithoutItsEnd_KeepsWhatWasThere()
    {
        const string Whole = """{"a":[1,"b",{"c":"x y","d":"z"}],"e":{"f":"é","g":[[],{}]},"h":15}""";
        for (var length = 8; length < Whole.Length; length++)
        {
            var cut = Whole[..length];
            var repaired = JsonRepair.Repair(cut);
            Assert.True(repaired is not null, cut);
            Assert.True(cut.StartsWith(repaired.Replace("null", "", StringComparison.Ordinal).TrimEnd('"', '}', ']', ':', 'n', 'u', 'l'), StringComparison.Ordinal), $"{cut} became {repaired}");
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{\"")]
    [InlineData("{\"a\":")]
    [InlineData("[{")]
    [InlineData("{'")]
    [InlineData("{a:")]
    [InlineData("\"")]
    [InlineData("{\"a\" ")]
    [InlineData("[1 ")]
    [InlineData("[\"a\" b")]
    [InlineData("{} ")]
    [InlineData("{]")]
    [InlineData("[}")]
    [InlineData("```")]
    [InlineData("```{ ")]
    [InlineData("`")]
    [InlineData("/*")]
    [InlineData("[/*")]
    [InlineData("[// ")]
    [InlineData("[\\")]
    [InlineData("{\"a: \"")]
    [InlineData("[\"a\"   ")]
    [InlineData("{a ")]
    [InlineData("]")]
    [InlineData("[1,")]
    public void HundredKilobytesOfOneThing_EndSoon(string piece)
    {
        foreach (var before in (string[])["", "{\"a\":[", "[\"", "{'x': 1 "])
        {
            var text = before + string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length));
            var watch = System.Diagnostics.Stopwatch.StartNew();
            AssertSound(text, piece);
            // One pass takes a millisecond; one that is quadratic takes many seconds.
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), piece);
        }
    }

    [Fact]
    public void DeeperThanTheBound_StaysAsItIs_AndDeepJsonToo()
    {
        Assert.Null(JsonRepair.Repair(new string('[', 5000) + new string(']', 5000)));
        Assert.Null(JsonRepair.Repair(new string('[', 129) + "1," + new string(']', 129)));
        Assert.Equal(new string('[', 128) + "1" + new string(']', 128), JsonRepair.Repair(new string('[', 128) + "1," + new string(']', 128)));
    }

    [Fact]
    public void BytesThatAreNoText_StayAsTheyAre() => Assert.Null(JsonRepair.Repair(new byte[] { (byte)'{', 0xFF, (byte)',', (byte)'}' }));

    private static void AssertSound(string text, string which)
    {
        try
        {
            var repaired = JsonRepair.Repair(text);
            Assert.Equal(repaired, JsonRepair.Repair(text));
            if (repaired is null)
                return;
            using var parsed = JsonDocument.Parse(repaired, new JsonDocumentOptions { MaxDepth = 100_000 });
            Assert.True(parsed.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array);
            Assert.Null(JsonRepair.Repair(repaired));
        }
        catch (Exception wrong)
        {
            Assert.Fail($"{which}: {wrong.Message}\n{text[..Math.Min(text.Length, 500)]}");
        }
    }

    private static string Mutate(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var end = Math.Min(text.Length, at + random.Next(12));
        return random.Next(4) switch
        {
            0 => text[..at] + Splices[random.Next(Splices.Length)] + text[at..],
            1 => text[..at] + text[end..],
            2 => text[..end] + text[at..],
            _ => text[..at],
        };
    }
}
