using Fairlead.Catalog.Health;
using Fairlead.Ledger;

namespace Fairlead.Inference.Route;

/// <summary>
/// The facts about one candidate that its place depends on, and the verdict. What is stored of a candidate is this, so that a stored decision is ordered
/// again bit for bit.
/// </summary>
internal struct Standing
{
    /// <summary>No entry of <c>order</c> names it.</summary>
    public const short Unlisted = short.MaxValue;

    public Standing() => (Listed, Order, Health) = (Unlisted, -1, EndpointHealth.Unknown);

    /// <summary>Place of its model among those asked for; 0 is the primary.</summary>
    public byte Model;
    /// <summary>First entry of <c>order</c> that names it, or <see cref="Unlisted"/>.</summary>
    public short Listed;
    /// <summary>On the operator's list of good endpoints .</summary>
    public bool Curated;
    /// <summary>Of the <c>priority</c> tier, where that was asked for: first.</summary>
    public bool Priority;
    /// <summary>Has the conversation in its cache.</summary>
    public bool Sticky;
    /// <summary>Resting when the request came.</summary>
    public bool Resting;
    /// <summary>The circuit when the request came.</summary>
    public CircuitState Circuit;
    /// <summary>Declared degraded by the operator (status −1).</summary>
    public bool Lowered;
    /// <summary>Declared last resort by the operator (status −2, −3).</summary>
    public bool Deranked;
    /// <summary>How it has been doing.</summary>
    public EndpointHealth Health;
    /// <summary>Price of routing, 10⁻¹⁸ dollars per token.</summary>
    public long Price;
    /// <summary>Cost of the estimated prompt and the held output; with the cache where it is sticky.</summary>
    public Credits Estimate;
    /// <summary>Cost at the dearest price classes: what the hold must cover.</summary>
    public Credits Worst;

    /// <summary>Why it was dropped, or <see cref="RouteFilter.None"/>.</summary>
    public RouteFilter Filter;
    /// <summary>Place among the attempts, from 0; −1 when dropped.</summary>
    public int Order;
    /// <summary>Probability of being first of its model, before the draw.</summary>
    public double Odds;

    /// <summary>Survived every filter.</summary>
    public readonly bool Kept => Filter == RouteFilter.None;

    /// <summary>In outage, resting, down, or behind an open circuit: used when no stable endpoint is left (routing §6.1, §10.1).</summary>
    public readonly bool Unstable
    {
        get
        {
            // The common case, an endpoint nothing bad is known of, is one comparison of references.
            if (ReferenceEquals(Health, EndpointHealth.Unknown))
                return Resting || Deranked;
            // A probe is due: ordered as if it were stable, and Attempt lets one request through.
            return Resting || Deranked || (Circuit != CircuitState.HalfOpen && (Health.Outage || Circuit == CircuitState.Open || Health.Uptime5m.Share < 0.80));
        }
    }

    /// <summary>Declared so, or up less than 95 % of the time: lower priority (routing §10.1).</summary>
    public readonly bool Degraded => Lowered || (!ReferenceEquals(Health, EndpointHealth.Unknown) && Health.Uptime5m.Share < 0.95);
}
