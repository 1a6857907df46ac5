using System.Diagnostics.Metrics;
using Fairlead.Ledger;

namespace Fairlead.Server.Operations;

/// <summary>How far the ledger's writer is behind, as instruments. They read what the ledger keeps anyway, so they cost nothing until somebody looks.</summary>
internal sealed class LedgerMeter
{
    /// <summary>Makes the instruments; they live as long as the factory.</summary>
    public LedgerMeter(IMeterFactory meters, CreditLedger ledger)
    {
        var meter = meters.Create("Fairlead.Ledger");
        meter.CreateObservableGauge("fairlead.ledger.queue_depth", () => ledger.Status.QueueDepth, "{settlement}", "Charges waiting for their commit.");
        meter.CreateObservableGauge("fairlead.ledger.lag", () => ledger.Status.Lag.TotalSeconds, "s", "How long the oldest waiting charge has waited.");
        meter.CreateObservableGauge("fairlead.ledger.holds", () => ledger.Status.InFlight, "{hold}", "Holds of requests in flight, charges waiting included.");
        meter.CreateObservableCounter("fairlead.ledger.commits", () => ledger.Status.Batches, "{commit}", "Transactions that wrote charges, since the start.");
        meter.CreateObservableCounter("fairlead.ledger.settled", () => ledger.Status.Settled, "{generation}", "Generations recorded, since the start.");
        meter.CreateObservableCounter(
            "fairlead.ledger.commit_time", () => ledger.Status.CommitTime.TotalSeconds, "s", "Time spent in commits, since the start.");
        meter.CreateObservableCounter("fairlead.ledger.failed", () => ledger.Status.Failed, "{generation}", "Generations that could not be recorded.");
        meter.CreateObservableGauge(
            "fairlead.ledger.journaled", () => ledger.Status.Journaled, "{generation}", "Charges that callers were shown and that wait on disk for the database.");
    }
}
