using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator;

/// <summary>One provider's wire protocol, as the provider's side of it.</summary>
internal interface ISimulatedDialect
{
    /// <summary>Null when the key is good; else the provider's refusal.</summary>
    BodyReply? CheckKey(HttpRequest request, SimulatorOptions options);

    /// <summary>The model name with its fault part, or null when none is given.</summary>
    string? ModelName(string target, JsonElement body);

    BodyReply UnreadableBody();

    BodyReply BadFault(string message);

    /// <summary>The provider's own error body and headers for a status.</summary>
    BodyReply Failure(int status, FaultPlan faults, Incoming call);

    /// <summary>Checks the request as strictly as the provider does and answers it.</summary>
    Reply Answer(Incoming call);
}

/// <summary>A request that passed the key check, with its faults read.</summary>
internal sealed record Incoming(HttpRequest Http, string Target, JsonElement Body, string Model, FaultPlan Faults, Stamp Stamp)
{
    /// <summary>Whether this simulator has no such model: every name that starts with <c>missing</c>.</summary>
    public bool IsUnknownModel => Model.StartsWith("missing", StringComparison.Ordinal);

    /// <summary>Whether the model always reasons.</summary>
    public bool IsReasoner => Model.Contains("reasoner", StringComparison.Ordinal);
}
