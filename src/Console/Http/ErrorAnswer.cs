using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fairlead.Console.Http;

/// <summary>The body of every failure (inference §13.1).</summary>
internal sealed record ErrorAnswer
{
    [JsonPropertyName("error")]
    public required ErrorObject Error { get; init; }

    /// <summary>The caller, once it is known (P1).</summary>
    [JsonPropertyName("user_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserId { get; init; }
}

internal sealed record ErrorObject
{
    [JsonPropertyName("code")]
    public required int Code { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("param"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Param { get; init; }

    [JsonPropertyName("metadata")]
    public required JsonObject Metadata { get; init; }
}
