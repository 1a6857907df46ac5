namespace Fairlead.Protocols.Tests.Json.Repair;

/// <summary>One case of <c>corpus.txt</c>, which says what the kinds are.</summary>
public sealed record HealingCase(string Kind, string Name, string Text, string Wanted)
{
    private const string Heading = "=== ";

    public static IReadOnlyList<HealingCase> All { get; } = Read();

    public override string ToString() => $"{Kind}: {Name}";

    private static List<HealingCase> Read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Json", "Repair", "corpus.txt"));
        var cases = new List<HealingCase>();
        for (var from = Next(lines, 0); from < lines.Length; from = Next(lines, from + 1))
        {
            var heading = lines[from][Heading.Length..].Split(": ", 2);
            var body = lines[(from + 1)..Next(lines, from + 1)];
            var cut = Array.IndexOf(body, "---");
            var text = Joined(body[..cut]);
            cases.Add(new HealingCase(heading[0], heading[1], text, heading[0] == "same" ? text : Joined(body[(cut + 1)..])));
        }

        return cases;
    }

    private static int Next(string[] lines, int from)
    {
        while (from < lines.Length && !lines[from].StartsWith(Heading, StringComparison.Ordinal))
            from++;
        return from;
    }

    private static string Joined(string[] lines) => string.Join('\n', lines).Trim('\n');
}
