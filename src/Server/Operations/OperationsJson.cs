using System.Text.Json.Serialization;

namespace Fairlead.Server.Operations;

/// <summary>The answer of <c>/healthz</c> and <c>/readyz</c>.</summary>
/// <param name="Status"><c>ok</c>, <c>ready</c> or <c>not ready</c>.</param>
/// <param name="Reasons">Why not, one sentence each; absent when all is well.</param>
/// <param name="Warnings">What the operator should mend although requests are answered, one sentence each; absent when there is nothing.</param>
internal sealed record HealthAnswer(string Status, IReadOnlyList<string>? Reasons, IReadOnlyList<string>? Warnings = null);

/// <summary>JSON of the operations endpoints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class OperationsJson : JsonSerializerContext;
