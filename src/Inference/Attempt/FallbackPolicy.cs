using Fairlead.Inference.Route;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>What to do next.</summary>
/// <param name="Index">The candidate to try, an index into the plan.</param>
/// <param name="Pause">What to wait before.</param>
/// <param name="Regardless">To be tried even if its circuit is open or it rests: a second try, or nothing else is left.</param>
internal readonly record struct NextAttempt(int Index, TimeSpan Pause, bool Regardless = false);

/// <summary>
/// The failure table of the architecture (§4), as state over one request: which endpoints were tried, which models are closed, what may be tried
/// next. Pure: no clock, no I/O; the pause's jitter comes from the plan's seed.
/// </summary>
internal sealed class FallbackPolicy(RoutePlan plan)
{
    /// <summary>A rate-limited endpoint is waited for only this long.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>Attempts at one endpoint in a request.</summary>
    private const int MostTries = 2;

    private readonly int[] tries = new int[plan.Candidates.Length];
    private readonly bool[] postponed = new bool[plan.Candidates.Length];

    // Made by the first failure: most requests have none.
    private List<(int Index, UpstreamFailure Failure)>? failures;
    private HashSet<int>? closedModels;
    private HashSet<int>? unmoderatedOnly;
    private Dictionary<int, int>? badRequests;
    private bool waited;
    private RouteRandom jitter = new(plan.Seed ^ 0x5DEECE66DUL);

    /// <summary>Every failure so far, in order.</summary>
    public IReadOnlyList<(int Index, UpstreamFailure Failure)> Failures => failures ?? [];

    /// <summary>The first attempt of the plan.</summary>
    public NextAttempt? First() => plan.Attempts.Length == 0 ? null : Start(plan.Attempts[0], TimeSpan.Zero);

    /// <summary>Takes note of a failure of candidate <paramref name="index"/> and says what to try next; null when nothing is left.</summary>
    public NextAttempt? After(int index, UpstreamFailure failure)
    {
        (failures ??= []).Add((index, failure));
        var model = plan.Candidates[index].ModelOrder;
        Close(model, failure);

        var next = NextUntried();
        if (failure.Retry == RetryClass.NextOrSame && tries[index] < MostTries && !IsClosed(model)
            && (next is null || plan.Candidates[next.Value].ModelOrder != model))
        {
            return Start(index, TimeSpan.FromMilliseconds(50 + (100 * jitter.NextUnit()))) with { Regardless = true };
        }

        if (next is not null)
            return Start(next.Value, TimeSpan.Zero);
        if (waited || ShortestWait() is not { } wait)
            return LastResort();
        waited = true;
        return Start(wait.Index, wait.Pause) with { Regardless = true };
    }

    /// <summary>
    /// Candidate <paramref name="index"/> was not tried: it rests, its circuit is open, or another request is probing it. It is tried when nothing else is
    /// left. Says what to try instead; null when nothing is left.
    /// </summary>
    public NextAttempt? Postpone(int index)
    {
        tries[index]--;
        postponed[index] = true;
        return NextUntried() is { } next ? Start(next, TimeSpan.Zero) : LastResort();
    }

    /// <summary>Whether candidate <paramref name="index"/> may be tried once more in the same place; counts the try.</summary>
    public bool Again(int index)
    {
        if (tries[index] >= MostTries)
            return false;
        tries[index]++;
        return true;
    }

    /// <summary>
    /// The failure the caller sees when nothing is left: the last one, except that a 400 of the model tried last is shown as first received.
    /// </summary>
    public (int Index, UpstreamFailure Failure) Verdict()
    {
        var last = Failures[^1];
        var model = plan.Candidates[last.Index].ModelOrder;
        foreach (var failed in Failures)
        {
            if (plan.Candidates[failed.Index].ModelOrder == model && ErrorKinds.Status(failed.Failure.Kind) is 400 or 403 or 413 or 422)
                return failed;
        }

        return last;
    }

    private void Close(int model, UpstreamFailure failure)
    {
        switch (failure.Retry)
        {
            case RetryClass.NextModel:
                (closedModels ??= []).Add(model);
                break;
            case RetryClass.Unmoderated:
                (unmoderatedOnly ??= []).Add(model);
                break;
            case RetryClass.NextOnce:
                badRequests ??= [];
                badRequests[model] = badRequests.GetValueOrDefault(model) + 1;
                if (badRequests[model] >= 2)
                    (closedModels ??= []).Add(model);
                break;
        }
    }

    private bool IsClosed(int model) => closedModels?.Contains(model) == true;

    private int? NextUntried() => Untried(wasPostponed: false);

    private NextAttempt? LastResort() => Untried(wasPostponed: true) is { } index ? Start(index, TimeSpan.Zero) with { Regardless = true } : null;

    private int? Untried(bool wasPostponed)
    {
        foreach (var index in plan.Attempts)
        {
            ref readonly var candidate = ref plan.Candidates[index];
            if (tries[index] == 0 && postponed[index] == wasPostponed && !IsClosed(candidate.ModelOrder)
                && !(candidate.Endpoint.IsModerated && unmoderatedOnly?.Contains(candidate.ModelOrder) == true))
                return index;
        }

        return null;
    }

    private NextAttempt? ShortestWait()
    {
        NextAttempt? best = null;
        foreach (var (index, failure) in Failures)
        {
            if (failure.Retry == RetryClass.RateLimited && failure.RetryAfter is { } wait && wait <= LongestWait && tries[index] < MostTries
                && !IsClosed(plan.Candidates[index].ModelOrder) && (best is null || wait < best.Value.Pause))
                best = new NextAttempt(index, wait);
        }

        return best;
    }

    private NextAttempt Start(int index, TimeSpan pause)
    {
        tries[index]++;
        return new NextAttempt(index, pause);
    }
}
