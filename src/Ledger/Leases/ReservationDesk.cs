using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Ledger.Leases;

/// <summary>
/// Where those wait who need more of one account than this node has in hand: everybody who waits is served by one transaction, one after the other. Whoever cannot
/// be served by the database is refused only after the other nodes have handed back what they do not use.
/// </summary>
internal sealed class ReservationDesk
{
    /// <summary>Rounds in which others may take what was reserved for somebody, before that is a refusal too.</summary>
    private const int MostRounds = 50;

    private readonly Reservations _reservations;
    private readonly AccountFunds _funds;
    private readonly Batches<Want> _batches;

    public ReservationDesk(Reservations reservations, AccountFunds funds)
    {
        (_reservations, _funds) = (reservations, funds);
        _batches = new(ServeAllAsync);
    }

    /// <summary>Granted, or refused by a limit; unavailable when the database does not answer.</summary>
    public Task<HoldOutcome> AskAsync(Want want)
    {
        _batches.Add(want);
        return want.Done;
    }

    private async Task ServeAllAsync(List<Want> wants)
    {
        try
        {
            await ServeAsync(wants);
        }
        catch (StorageException failure)
        {
            _reservations.Note(failure);
            wants.ForEach(static want => want.Refuse(HoldOutcome.Unavailable));
        }
        catch (Exception bug)
        {
            // Not narrowed: whatever happened, those who wait must hear of it.
            wants.ForEach(want => want.Fail(bug));
        }
    }

    private async Task ServeAsync(List<Want> wants)
    {
        var asked = false;
        for (var round = 1; wants.Count > 0; round++)
        {
            if (!_reservations.MayPromise)
            {
                wants.ForEach(static want => want.Refuse(HoldOutcome.Unavailable));
                return;
            }

            var plan = await _reservations.ReserveAsync(_funds, wants);
            wants.RemoveAll(static want => want.IsMet() || want.IsAbandoned());
            if (wants.Exists(want => MayBeCovered(plan, want)) && round < MostRounds)
            {
                // Overtaken by others of this node: what was reserved went to them.
                continue;
            }

            if (!asked && wants.Count > 0 && await _reservations.AskOthersAsync(_funds.AccountId))
            {
                asked = true;
                continue;
            }

            Refuse(plan, wants);
            return;
        }
    }

    private bool MayBeCovered(ReservePlan plan, Want want) =>
        want.Amount <= plan.Free - plan.Taken + _funds.InHand
        && (want.Limit is null || want.Amount <= Math.Max(0, plan.Keys[want.Key.KeyId].Left) + _funds.InHandOf(want.Key));

    /// <summary>The same words as where one node has the account to itself (P28): a key that has nothing, then what the request cannot afford.</summary>
    private void Refuse(ReservePlan plan, List<Want> wants)
    {
        foreach (var want in wants)
        {
            var free = plan.Free - plan.Taken + _funds.InHand;
            var keyFree = want.Limit is null ? long.MaxValue : plan.Keys[want.Key.KeyId].Left + _funds.InHandOf(want.Key);
            var available = new Credits(Math.Max(0, Math.Min(free, keyFree)));
            want.Refuse(keyFree <= 0 || keyFree < free
                ? new(HoldRefusal.KeyLimit, available, want.Limit!.Value.Window)
                : new(HoldRefusal.AccountBalance, available, UsageWindow.Total));
        }
    }
}
