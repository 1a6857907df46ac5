using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Fairlead.Gateway.Tests.Contract;

/// <summary>The vendor's OpenAPI description (see README.md beside it).</summary>
internal static class PublishedContract
{
    private static readonly JsonObject Document = Load();

    /// <summary>The operations this version serves whose answers are described.</summary>
    public static (string Method, string Path)[] Served { get; } =
    [
        ("post", "/chat/completions"), ("get", "/models"), ("get", "/models/count"), ("get", "/models/user"), ("get", "/models/{author}/{slug}/endpoints"),
        ("get", "/endpoints/zdr"), ("get", "/parameters/{author}/{slug}"), ("get", "/providers"), ("get", "/generation"), ("get", "/credits"), ("get", "/key"),
        ("get", "/embeddings/models"), ("get", "/keys"), ("post", "/keys"), ("get", "/keys/{hash}"), ("patch", "/keys/{hash}"), ("delete", "/keys/{hash}"),
        ("get", "/activity"), ("post", "/embeddings"),
    ];

    /// <summary>The schema of a 200, or of the 201 of what makes something.</summary>
    public static JsonObject Answer(string method, string path, string contentType = "application/json") =>
        (Responses(path, method)["200"] ?? Responses(path, method)["201"])!["content"]![contentType]!["schema"]!.AsObject();

    /// <summary>The schema of the payload of one streamed event.</summary>
    public static JsonObject Chunk() => Resolve(Answer("post", "/chat/completions", "text/event-stream"), out _)["properties"]!["data"]!.AsObject();

    /// <summary>What a schema stands for, and its name when it was a reference.</summary>
    public static JsonObject Resolve(JsonObject schema, out string? name)
    {
        name = ((string?)schema["$ref"])?["#/components/schemas/".Length..];
        return name is null ? schema : Document["components"]!["schemas"]![name]!.AsObject();
    }

    /// <summary>The schema of a failure.</summary>
    public static JsonObject Failure(string method, string path, int status) =>
        Responses(path, method)[status.ToString(System.Globalization.CultureInfo.InvariantCulture)]!["content"]!["application/json"]!["schema"]!.AsObject();

    private static JsonNode Responses(string path, string method) => Document["paths"]![path]![method]!["responses"]!;

    private static JsonObject Load()
    {
        using var text = File.OpenText(Path.Combine(AppContext.BaseDirectory, "Contract", "openrouter-2025-12.yaml"));
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(text);
        return (JsonObject)ToJson(yaml)!;
    }

    private static JsonNode? ToJson(object? yaml) => yaml switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(one => KeyValuePair.Create(Convert.ToString(one.Key, System.Globalization.CultureInfo.InvariantCulture)!, ToJson(one.Value)))),
        IList<object> list => new JsonArray([.. list.Select(ToJson)]),
        bool flag => JsonValue.Create(flag),
        string text => JsonValue.Create(text),
        IConvertible number => JsonValue.Create(number.ToDecimal(System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"{yaml.GetType()} in the description"),
    };
}
