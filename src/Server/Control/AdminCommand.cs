using System.Text.Json.Serialization;

namespace Fairlead.Server.Control;

/// <summary>
/// What an operator can have done to an installation, as it travels over the control socket or is carried out directly where no server runs.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(CreateKey), "keys create")]
[JsonDerivedType(typeof(ListKeys), "keys list")]
[JsonDerivedType(typeof(DisableKey), "keys disable")]
[JsonDerivedType(typeof(AddCredits), "credits add")]
[JsonDerivedType(typeof(VerifyLedger), "ledger verify")]
[JsonDerivedType(typeof(ExplainRoute), "route explain")]
[JsonDerivedType(typeof(ReleaseNode), "ledger release-node")]
internal abstract record AdminCommand;

/// <summary>Makes an API key for the first account and shows it, this once.</summary>
internal sealed record CreateKey(string Name, decimal? LimitUsd, string? Reset, bool Provisioning, int? Rpm = null, long? Tpm = null, int? Concurrency = null)
    : AdminCommand;

/// <summary>Lists keys, never their text.</summary>
internal sealed record ListKeys : AdminCommand;

/// <summary>Switches a key off.</summary>
internal sealed record DisableKey(string Hash) : AdminCommand;

/// <summary>Posts credits to an account; <paramref name="Posting"/> makes a repeated request the same posting.</summary>
internal sealed record AddCredits(string? Account, decimal AmountUsd, string Note, string Posting) : AdminCommand;

/// <summary>Recomputes every balance and checks every invariant.</summary>
internal sealed record VerifyLedger : AdminCommand;

/// <summary>Tells where a request of the first account would go, and sends nothing.</summary>
internal sealed record ExplainRoute(string Body) : AdminCommand;

/// <summary>Gives up a node that does not run: what it left in flight is recorded as cancelled, what it had reserved is free.</summary>
internal sealed record ReleaseNode(string Node) : AdminCommand;

/// <summary>How it went: an exit code, lines for standard output and, when it failed, a sentence for standard error.</summary>
internal sealed record AdminAnswer(int ExitCode, IReadOnlyList<string> Output, string? Error = null)
{
    /// <summary>It was done.</summary>
    public static AdminAnswer Done(params IReadOnlyList<string> output) => new(Commands.ExitCode.Done, output);

    /// <summary>It was not, and this is why.</summary>
    public static AdminAnswer Refused(int exitCode, string error) => new(exitCode, [], error);
}

/// <summary>JSON of the control socket.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AdminCommand))]
[JsonSerializable(typeof(AdminAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
