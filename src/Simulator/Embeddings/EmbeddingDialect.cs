using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Embeddings;

/// <summary>A provider's embeddings beside its chat, which has its keys and errors.</summary>
internal abstract class EmbeddingDialect(ISimulatedDialect chat, int seed) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options) => chat.CheckKey(request, options);

    public virtual string? ModelName(string target, JsonElement body) => body.Str("model");

    public BodyReply UnreadableBody() => chat.UnreadableBody();

    public BodyReply BadFault(string message) => chat.BadFault(message);

    public virtual BodyReply Failure(int status, FaultPlan faults, Incoming call) => chat.Failure(status, faults, call);

    public abstract Reply Answer(Incoming call);

    protected float[] Vector(string text, decimal? length) => Vectors.Of(seed, text, (int)(length ?? Vectors.DefaultLength));

    protected static bool IsLength(JsonElement length) => !length.Given() || length.Number() is >= 1 and <= Vectors.MostLength;

    protected static long Tokens(IEnumerable<string> texts) => texts.Sum(Pieces.Count);

    protected static BodyReply Good(Action<Utf8JsonWriter> members) => new(200, JsonBytes.Object(members));

    /// <summary>The first member that the vendor does not know, or null.</summary>
    protected static string? Unknown(JsonElement body, params ReadOnlySpan<string> known)
    {
        foreach (var name in body.Names())
        {
            if (!known.Contains(name))
            {
                return name;
            }
        }

        return null;
    }
}
