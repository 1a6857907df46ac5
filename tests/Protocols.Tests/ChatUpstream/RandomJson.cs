using System.Text.Json.Nodes;

namespace Fairlead.Protocols.Tests.ChatUpstream;

/// <summary>Small random JSON values with the spellings that rewriting tends to lose.</summary>
internal static class RandomJson
{
    private static readonly string[] Scalars =
        ["null", "true", "false", "0", "-0.0", "1.50", "1e400", "12345678901234567890", "\"\"", "\"\\u00e9\\ud83d\\ude00 \\\" \\\\ \\/ \\n\"", "\"data: [DONE]\"", "{}", "[]"];

    public static JsonNode? Value(Random random, int depth) => JsonNode.Parse(Text(random, depth));

    public static string Text(Random random, int depth) => depth == 0
        ? Scalars[random.Next(Scalars.Length)]
        : random.Next(3) switch
        {
            0 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Text(random, depth - 1))) + "]",
            1 => "{" + string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(i => $"\"m{i}\" : {Text(random, depth - 1)}")) + "}",
            _ => Scalars[random.Next(Scalars.Length)],
        };
}
