using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Routers;
using Fairlead.Ledger;

namespace Fairlead.Inference.Route;

/// <summary>One endpoint of a model that was asked for, and how many tokens it would be given.</summary>
internal readonly struct RouteCandidate
{
    /// <summary>The endpoint.</summary>
    public required ModelEndpoint Endpoint { get; init; }
    /// <summary>Its model.</summary>
    public required Model Model { get; init; }
    /// <summary>Place of the model among those asked for; 0 is the primary.</summary>
    public required int ModelOrder { get; init; }
    /// <summary>Estimated prompt tokens in this model's own tokenizer.</summary>
    public int PromptTokens { get; init; }
    /// <summary>How many times the context window is filled: the inputs of a request for embeddings are read one by one. 0 counts as 1.</summary>
    public int Windows { get; init; }
    /// <summary>The same before the prompt is shortened to the endpoint's window, where it will be.</summary>
    public int WholePromptTokens { get; init; }
    /// <summary>Most output tokens of one choice that the hold covers; sent upstream as the maximum of a non-streamed answer (I-63).</summary>
    public int OutputCap { get; init; }
    /// <summary>Output tokens to hold credits for: the cap times the number of choices.</summary>
    public int OutputTokens { get; init; }
}

/// <summary>
/// What routing decided and why: every candidate with its standing, and the order of attempts. A function of its inputs: the same request,
/// snapshots and seed give the same plan.
/// </summary>
internal sealed class RoutePlan
{
    /// <summary>The seed the draws were made with.</summary>
    public required ulong Seed { get; init; }
    /// <summary>The catalog the plan was made from.</summary>
    public required long CatalogVersion { get; init; }
    /// <summary>The models asked for, in order of preference.</summary>
    public required IReadOnlyList<RequestedModel> Models { get; init; }
    /// <summary>What ordered the candidates.</summary>
    public required OrderingRules Rules { get; init; }
    /// <summary>Every endpoint of every model asked for.</summary>
    public required RouteCandidate[] Candidates { get; init; }
    /// <summary>Facts and verdict of each candidate, at the same place.</summary>
    public required Standing[] Standings { get; init; }
    /// <summary>Indices into <see cref="Candidates"/> in the order of attempts.</summary>
    public required int[] Attempts { get; init; }

    /// <summary>What a router decided before; null where the request named its models.</summary>
    public Routed? Routed { get; init; }

    /// <summary>What the dearest attempt could cost: the hold (I-63).</summary>
    public Credits WorstCost
    {
        get
        {
            var worst = Credits.Zero;
            foreach (var index in Attempts)
                worst = Credits.Max(worst, Standings[index].Worst);
            return worst;
        }
    }

    /// <summary>Who of the attempts is a free model: none, some or all.</summary>
    public FreeModels FreeModels
    {
        get
        {
            var free = 0;
            foreach (var index in Attempts)
                free += Candidates[index].Model.IsFree ? 1 : 0;
            return free == 0 ? FreeModels.None : free == Attempts.Length ? FreeModels.All : FreeModels.Some;
        }
    }

    /// <summary>The most tokens an attempt could use, prompt and held output together: what counts against limits of tokens.</summary>
    public long WorstTokens
    {
        get
        {
            var worst = 0L;
            foreach (var index in Attempts)
                worst = Math.Max(worst, (long)Candidates[index].PromptTokens + Candidates[index].OutputTokens);
            return worst;
        }
    }

    /// <summary>The same without attempts at free models.</summary>
    public RoutePlan WithoutFreeModels() => With(Array.FindAll(Attempts, index => !Candidates[index].Model.IsFree));

    /// <summary>The same with attempts at one endpoint alone.</summary>
    public RoutePlan Only(ModelEndpoint endpoint) => With(Array.FindAll(Attempts, index => ReferenceEquals(Candidates[index].Endpoint, endpoint)));

    private RoutePlan With(int[] attempts) => new()
    {
        Seed = Seed,
        CatalogVersion = CatalogVersion,
        Models = Models,
        Rules = Rules,
        Candidates = Candidates,
        Standings = Standings,
        Routed = Routed,
        Attempts = attempts,
    };
}

/// <summary>Which of a plan's attempts are at free models.</summary>
internal enum FreeModels
{
    /// <summary>None is.</summary>
    None,
    /// <summary>Some are, others cost.</summary>
    Some,
    /// <summary>Every one is.</summary>
    All,
}
