using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>One attempt, for records and metadata.</summary>
internal readonly record struct AttemptEntry(ModelEndpoint Endpoint, int Status, TimeSpan Took, UpstreamFailure? Failure);

/// <summary>Every attempt of one request, in order.</summary>
internal sealed class AttemptLog
{
    private readonly List<AttemptEntry> entries = [];

    public IReadOnlyList<AttemptEntry> Entries => entries;

    public void Add(ModelEndpoint endpoint, int status, TimeSpan took, UpstreamFailure? failure) => entries.Add(new AttemptEntry(endpoint, status, took, failure));
}
