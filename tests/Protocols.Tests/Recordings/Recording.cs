using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>What a recorded file holds.</summary>
public enum RecordingKind
{
    Whole,
    Stream,
    Failure,
}

/// <summary>One recorded reply of a provider. See <c>data/README.md</c> for where they come from.</summary>
internal sealed record Recording(string Provider, string Name)
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Recordings");

    private static readonly string[] Ends = ["\"type\":\"message_stop\"", "\"type\":\"response.completed\""];

    private byte[]? bytes;

    public byte[] Bytes => bytes ??= File.ReadAllBytes(Path.Combine(Root, "data", Provider, Name));

    public RecordingKind Kind
    {
        get
        {
            if (Name.EndsWith(".chunks.txt", StringComparison.Ordinal))
                return RecordingKind.Stream;
            using var document = JsonDocument.Parse(Bytes);
            return document.RootElement.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null ? RecordingKind.Failure : RecordingKind.Whole;
        }
    }

    /// <summary>The payloads of a stream's events; a file may hold several replies of Anthropic or of Responses, one after the other.</summary>
    public List<List<string>> Replies
    {
        get
        {
            var replies = new List<List<string>> { new() };
            foreach (var payload in Encoding.UTF8.GetString(Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (replies[^1] is [.., var last] && Ends.Any(end => last.Contains(end, StringComparison.Ordinal)))
                    replies.Add([]);
                replies[^1].Add(payload);
            }

            return replies;
        }
    }

    /// <summary>Every recording of a kind, as <c>provider/name</c>.</summary>
    public static IEnumerable<string> All(RecordingKind kind) =>
        Directory.EnumerateFiles(Path.Combine(Root, "data"), "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".json" or ".txt")
            .Select(f => new Recording(Path.GetFileName(Path.GetDirectoryName(f))!, Path.GetFileName(f)))
            .Where(r => r.Kind == kind)
            .Select(r => $"{r.Provider}/{r.Name}")
            .Order(StringComparer.Ordinal);

    public static Recording Open(string path) => new(path.Split('/')[0], path.Split('/')[1]);

    /// <summary>
    /// Compares with the checked-in file, or rewrites that file when <c>FAIRLEAD_UPDATE_EXPECTED</c> is 1 and fails, so that nobody takes a
    /// rewriting run for a green one.
    /// </summary>
    public void AssertExpected(JsonNode actual)
    {
        var name = Path.Combine("expected", Provider, Path.GetFileNameWithoutExtension(Name) + (Kind == RecordingKind.Stream ? ".json" : ".whole.json"));
        var text = actual.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        if (Environment.GetEnvironmentVariable("FAIRLEAD_UPDATE_EXPECTED") == "1")
        {
            var source = Path.Combine(SourceFolder(), name);
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);
            if (!File.Exists(source) || File.ReadAllText(source) != text)
            {
                File.WriteAllText(source, text);
                Assert.Fail($"{name} was rewritten: read it against the recording.");
            }

            return;
        }

        var expected = Path.Combine(Root, name);
        Assert.True(File.Exists(expected), $"There is no {name}; see data/README.md.");
        Assert.Equal(File.ReadAllText(expected), text);
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
