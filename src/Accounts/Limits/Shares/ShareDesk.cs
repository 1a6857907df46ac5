using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// Where those wait who need more of one scope's limits than is this node's share: everybody who waits is served by one transaction. Whoever cannot be served is
/// refused only after the other nodes have handed back what does not count there, and for a moment after a refusal others are refused without asking again.
/// </summary>
internal sealed class ShareDesk
{
    /// <summary>Rounds in which others of this node may use what was taken for somebody, before that is a refusal too.</summary>
    private const int MostRounds = 50;

    private readonly RateShares _shares;
    private readonly LimitScope _scope;
    private readonly Batches<ShareWant> _batches;
    private volatile LastRefusal? _last;

    public ShareDesk(RateShares shares, LimitScope scope)
    {
        (_shares, _scope) = (shares, scope);
        _batches = new(ServeAllAsync);
    }

    /// <summary>What became of it; null where another scope is too small now.</summary>
    public Task<RateOutcome?> AskAsync(ShareWant want)
    {
        if (IsRefusedAgain(want))
        {
            return want.Done;
        }

        _batches.Add(want);
        return want.Done;
    }

    private async Task ServeAllAsync(List<ShareWant> wants)
    {
        try
        {
            wants.RemoveAll(IsRefusedAgain);
            await ServeAsync(wants);
        }
        catch (StorageException failure)
        {
            _shares.Note(failure);
            wants.ForEach(static want => want.Refuse(RateOutcome.Unavailable));
        }
        catch (Exception bug)
        {
            // Not narrowed: whatever happened, those who wait must hear of it.
            wants.ForEach(want => want.Fail(bug));
        }
    }

    private async Task ServeAsync(List<ShareWant> wants)
    {
        IReadOnlyCollection<string>? answers = null;
        for (var round = 1; wants.Count > 0; round++)
        {
            if (!_shares.MayTake)
            {
                wants.ForEach(static want => want.Refuse(RateOutcome.Unavailable));
                return;
            }

            var isOvertaken = false;
            var plan = await _shares.TakeAsync(_scope, wants[^1].Limits, wants.ConvertAll(static want => want.Need), plan =>
            {
                wants.RemoveAll(want => want.IsMet(_scope));
                isOvertaken = wants.Exists(want => _scope.Shortage(want.Limits, want.Need, plan.Free) is null);
            });
            if (plan is null)
            {
                wants.ForEach(static want => want.GoOn());
                return;
            }

            if (isOvertaken && round < MostRounds)
            {
                // What was taken went to others of this node.
                continue;
            }

            if (answers is null && wants.Count > 0)
            {
                answers = await _shares.AskOthersAsync(_scope, wants[0].Need[(int)RateDimension.Tokens]);
                if (answers is not null)
                {
                    continue;
                }
            }

            Refuse(plan, wants, answers ?? []);
            return;
        }
    }

    private void Refuse(SharePlan plan, List<ShareWant> wants, IReadOnlyCollection<string> answers)
    {
        foreach (var want in wants)
        {
            var refusal = _scope.RefusalOf(want, plan.Free, answers);
            want.Refuse(new(refusal));
            _last = new(refusal, want.Limits[(int)refusal.Dimension], want.Need[(int)refusal.Dimension], _shares.Clock.GetTimestamp());
        }
    }

    /// <summary>Whether as much was refused a moment ago.</summary>
    private bool IsRefusedAgain(ShareWant want)
    {
        if (_last is not { } last)
        {
            return false;
        }

        var (d, passed) = ((int)last.Refusal.Dimension, _shares.Clock.GetElapsedTime(last.At));
        if (passed >= RateShares.RefusalLasts || want.Limits[d] != last.Limit || want.Need[d] < last.Need)
        {
            return false;
        }

        want.Refuse(new(last.Refusal with { Asked = want.Need[d], Wait = last.Refusal.Wait is { } wait && wait > passed ? wait - passed : last.Refusal.Wait }));
        return true;
    }

    private sealed record LastRefusal(RateRefusal Refusal, long Limit, long Need, long At);
}
