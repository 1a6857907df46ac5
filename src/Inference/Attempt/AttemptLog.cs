using System.Runtime.InteropServices;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Relay;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>One attempt, for records and metadata.</summary>
/// <param name="Endpoint">Who was tried.</param>
/// <param name="Status">HTTP status; 0 where there was none.</param>
/// <param name="Took">To the first token, the whole body or the failure.</param>
/// <param name="Failure">Null when it answered.</param>
/// <param name="WhileHeld">It broke after its first tokens, which were held back.</param>
internal readonly record struct AttemptEntry(ModelEndpoint Endpoint, int Status, TimeSpan Took, UpstreamFailure? Failure, bool WhileHeld = false);

/// <summary>What was done for one request: every attempt in order, and the plugins.</summary>
internal sealed class AttemptLog(PluginRuns plugins)
{
    private readonly List<AttemptEntry> entries = [];

    /// <summary>The plugins at work on the request.</summary>
    public PluginRuns Plugins { get; } = plugins;

    /// <summary>When asking began, since the request's arrival: later than 0 for the later turns of a request.</summary>
    public TimeSpan Since { get; init; }

    /// <summary>What there is to say about the schemas of the request and its answer; null where nothing is.</summary>
    public SchemaReview? Schemas { get; set; }

    public IReadOnlyList<AttemptEntry> Entries => entries;

    /// <summary>The same, to be gone through without an enumerator; valid until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<AttemptEntry> Written => CollectionsMarshal.AsSpan(entries);

    /// <summary>Streams that broke unseen and began again.</summary>
    public int Restarts
    {
        get
        {
            var restarts = 0;
            foreach (var entry in entries)
                restarts += entry.WhileHeld ? 1 : 0;
            return restarts;
        }
    }

    public void Add(AttemptEntry entry) => entries.Add(entry);
}
