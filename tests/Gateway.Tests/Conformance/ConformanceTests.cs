using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary>
/// Every client surface over every upstream dialect, feature by feature, streamed and not, over real sockets against the simulator. All cells must hold but those of
/// <c>impossible.txt</c>, each with its reason. The table is written to <c>artifacts/conformance.txt</c>, which <c>./test</c> prints.
/// </summary>
public sealed class ConformanceTests
{
    private const string Image = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private sealed record Cell(Surface Surface, HttpClient Client, GatewayHost Host, string Model, bool Stream)
    {
        public JsonObject Body(string text) => Surface.Body(Model, text, Stream);

        public Task<SurfaceAnswer> SendAsync(JsonObject body) => Surface.SendAsync(Client, body);
    }

    private sealed record Feature(string Name, string Faults, Func<Cell, Task> HoldsAsync);

    private static readonly Feature[] Features =
    [
        new("text", "", async cell => Equal("hello", (await cell.SendAsync(cell.Body("Repeat after me: hello"))).Text)),
        new("system", "", async cell =>
        {
            var body = cell.Body("What are your instructions?");
            cell.Surface.System(body, "Be brief.");
            Contains("Be brief.", await cell.SendAsync(body));
        }),
        new("image", "", async cell =>
        {
            var body = cell.Body("");
            cell.Surface.Image(body, Image, "Look");
            Contains("I see 1 image", await cell.SendAsync(body));
        }),
        new("image out", "", DrawAsync),
        new("tool call", "", async cell => _ = await CallAsync(cell, "Use get_weather for \"Oslo\"", "get_weather")),
        new("parallel tools", "", async cell => _ = await CallAsync(cell, "Use get_weather and get_time for \"Oslo\"", "get_weather", "get_time")),
        new("tool result", "", async cell =>
        {
            var (body, answer) = await CallAsync(cell, "Use get_weather and get_time for \"Oslo\"", "get_weather", "get_time");
            cell.Surface.Continue(body, answer, ["cold", "noon"], null);
            var after = await cell.SendAsync(body);
            Contains("cold", after);
            Contains("noon", after);
        }),
        new("reasoning, three turns", "", ReasonAsync),
        new("JSON schema", "", async cell =>
        {
            var body = cell.Body("Fill in \"Oslo\"");
            cell.Surface.Schema(body, JsonNode.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""")!);
            var answer = await cell.SendAsync(body);
            Assert.True(answer.Text.StartsWith('{') && JsonNode.Parse(answer.Text)!["city"] is not null, answer.Raw);
        }),
        new("stop", "", async cell =>
        {
            var body = cell.Body("Repeat after me: one two three");
            cell.Surface.Stop(body, "two");
            var answer = await cell.SendAsync(body);
            Equal("one", answer.Text.Trim());
            Equal("stop", answer.Finish);
        }),
        new("length", "", async cell =>
        {
            var body = cell.Body("Repeat after me: " + string.Join(' ', Enumerable.Range(100, 40)));
            cell.Surface.Length(body, 16);
            Equal("length", (await cell.SendAsync(body)).Finish);
        }),
        new("refusal", "refusal=1", async cell =>
        {
            var answer = await cell.SendAsync(cell.Body("hello"));
            Assert.True(answer.Refusal.Length > 0 || answer.Finish == "content_filter" || answer.Text.Contains("can't", StringComparison.Ordinal)
                || answer.Text.Contains("will not", StringComparison.Ordinal)
                || (answer.Failed && answer.Raw.Contains("content_policy_violation", StringComparison.Ordinal)), answer.Raw);
        }),
        new("error before", "status=503", async cell =>
        {
            var answer = await cell.SendAsync(cell.Body("hello"));
            Assert.True(answer is { Failed: true, Status: >= 500 }, answer.Raw);
        }),
        new("error mid-stream", "cut_after=8&tokens=60", async cell =>
        {
            var answer = await cell.SendAsync(cell.Body("hello"));
            Assert.True(answer.Failed, answer.Raw);
        }),
        new("cancel", "tokens=5000&token_ms=5", CancelAsync),
    ];

    [Fact]
    public async Task EverySurface_OverEveryUpstream()
    {
        await using var upstreams = new Upstreams();
        var impossible = Impossible.Read();
        var table = new StringBuilder();
        var notes = new List<string>();
        var wrong = new ConcurrentBag<string>();
        var cells =
            from surface in Surface.All
            from upstream in Upstreams.All
            from feature in Features
            select (Surface: surface, Upstream: upstream, Feature: feature);
        var outcomes = new ConcurrentDictionary<(string, string, string), string>();
        await Parallel.ForEachAsync(cells.ToArray(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, _) =>
            outcomes[(one.Surface.Name, one.Upstream, one.Feature.Name)] = await CellAsync(upstreams, one.Surface, one.Upstream, one.Feature, impossible, wrong));
        foreach (var surface in Surface.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"{surface.Name,-20}{string.Join(' ', Features.Select((_, i) => $"{(char)('a' + i)} "))}\n");
            foreach (var upstream in Upstreams.All)
            {
                table.Append(CultureInfo.InvariantCulture, $"  {upstream,-18}");
                foreach (var feature in Features)
                    table.Append(outcomes[(surface.Name, upstream, feature.Name)]).Append(' ');
                table.Append('\n');
            }
        }

        for (var i = 0; i < Features.Length; i++)
            notes.Add($"{(char)('a' + i)} {Features[i].Name}");
        table.Append("ok holds streamed and not, -- cannot exist (tests/Gateway.Tests/Conformance/impossible.txt), XX does not hold; ").AppendJoin(", ", notes).Append('\n');
        var folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../artifacts");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "conformance.txt"), table.ToString());
        Assert.True(wrong.IsEmpty, string.Join("\n\n", wrong));
        Assert.Empty(impossible.Unused);
    }

    private static async Task<string> CellAsync(Upstreams upstreams, Surface surface, string upstream, Feature feature, Impossible impossible, ConcurrentBag<string> wrong)
    {
        if (impossible.Has(surface.Name, upstream, feature.Name))
            return "--";
        var (host, model) = await upstreams.AtAsync(upstream, feature.Faults, draws: feature.HoldsAsync == DrawAsync);
        foreach (var stream in feature.Name is "error mid-stream" or "cancel" ? (bool[])[true] : [true, false])
        {
            try
            {
                await feature.HoldsAsync(new Cell(surface, host.Client, host, model, stream));
            }
            catch (Exception fault)
            {
                wrong.Add($"{surface.Name} | {upstream} | {feature.Name} | {(stream ? "streamed" : "whole")}: {fault.Message}");
                return "XX";
            }
        }

        return "ok";
    }

    private static async Task<(JsonObject Body, SurfaceAnswer Answer)> CallAsync(Cell cell, string text, params string[] names)
    {
        var body = cell.Body(text);
        cell.Surface.Tools(body, names);
        var answer = await cell.SendAsync(body);
        Assert.True(answer.Calls.Select(call => call.Name).SequenceEqual(names), answer.Raw);
        Assert.All(answer.Calls, call => Assert.NotNull((string?)JsonNode.Parse(call.Arguments)!["city"]));
        Equal("tool_calls", answer.Finish);
        return (body, answer);
    }

    /// <summary>The images come whole and go back: where the provider signs them it refuses a next turn without its signatures.</summary>
    private static async Task DrawAsync(Cell cell)
    {
        var body = cell.Body("Draw 2 images of a fish");
        cell.Surface.Draw(body);
        var answer = await cell.SendAsync(body);
        Assert.True(answer.Images.Count == 2 && answer.Images[0] != answer.Images[1], answer.Raw);
        Assert.All(answer.Images, image => Assert.StartsWith("iVBORw0KGgo", image, StringComparison.Ordinal));
        Equal("stop", answer.Finish);
        cell.Surface.Continue(body, answer, [], "Again");
        var after = await cell.SendAsync(body);
        Assert.True(after.Status == 200 && after.Images.Count == 1, after.Raw);
    }

    /// <summary>The provider checks what comes back: a signature that is lost or changed is refused.</summary>
    private static async Task ReasonAsync(Cell cell)
    {
        var body = cell.Body("Use get_weather for \"Oslo\"");
        cell.Surface.Tools(body, "get_weather");
        cell.Surface.Reason(body);
        for (var turn = 0; turn < 3; turn++)
        {
            var answer = await cell.SendAsync(body);
            Assert.True(answer.Status == 200 && answer.Thought.Length > 0 && answer.Calls.Count == 1, $"turn {turn}: {answer.Raw}");
            cell.Surface.Continue(body, answer, ["cold"], "Use get_weather for \"Rome\"");
        }
    }

    private static async Task CancelAsync(Cell cell)
    {
        var mark = Guid.NewGuid().ToString("N");
        using var request = cell.Surface.Request(cell.Body(mark));
        using (var response = await cell.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[64]) > 0);
        }

        var upstream = cell.Host.Simulator!.Requests.Single(one => one.BodyText.Contains(mark, StringComparison.Ordinal));
        await upstream.WhenAborted.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static void Equal(string expected, string? actual) => Assert.Equal(expected, actual);

    private static void Contains(string expected, SurfaceAnswer answer) => Assert.True(answer.Text.Contains(expected, StringComparison.Ordinal), answer.Raw);

    private static string ThisFile([CallerFilePath] string path = "") => path;

    /// <summary>The listed cells.</summary>
    private sealed class Impossible(List<string[]> rows)
    {
        private readonly ConcurrentDictionary<int, bool> used = [];

        public IEnumerable<string> Unused => Enumerable.Range(0, rows.Count).Where(i => !used.ContainsKey(i)).Select(i => string.Join(" | ", rows[i]));

        public static Impossible Read()
        {
            var lines = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "impossible.txt")).Where(line => line.Length > 0 && line[0] != '#');
            var rows = lines.Select(line => line.Split(" | ", 4)).ToList();
            Assert.All(rows, row => Assert.Equal(4, row.Length));
            return new Impossible(rows);
        }

        public bool Has(string surface, string upstream, string feature)
        {
            var at = rows.FindIndex(row => (row[0] == "*" || row[0] == surface) && (row[1] == "*" || row[1] == upstream) && row[2] == feature);
            if (at >= 0)
                used[at] = true;
            return at >= 0;
        }
    }
}
