using System.Buffers.Binary;
using System.Text;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Routers;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using static Fairlead.Inference.Route.Decisions.DecisionFormat;

namespace Fairlead.Inference.Route.Decisions;

/// <summary>Reads what <see cref="DecisionWriter"/> wrote.</summary>
internal ref struct DecisionReader
{
    private ReadOnlySpan<byte> left;

    /// <summary>The decision, or null for a text of another version or a damaged one.</summary>
    public static StoredDecision? Decode(string text)
    {
        try
        {
            var reader = new DecisionReader { left = Convert.FromBase64String(text) };
            return reader.Byte() == DecisionFormat.Version ? reader.Read() : null;
        }
        catch (Exception damaged) when (damaged is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private StoredDecision Read()
    {
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        var version = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
        var rules = Rules();
        var models = new DecidedModel[Count()];
        for (var i = 0; i < models.Length; i++)
            models[i] = new DecidedModel(Text(), (RouteSort)Byte());
        var names = new CandidateName[Count()];
        var standings = new Standing[names.Length];
        for (var i = 0; i < names.Length; i++)
            standings[i] = Candidate(out names[i]);
        var routed = left.IsEmpty ? null : new Routed(Text(), (RouterKind)Byte(), Text() is { Length: > 0 } task ? task : null, Text());
        return new StoredDecision { Seed = seed, CatalogVersion = version, Rules = rules, Models = models, Names = names, Standings = standings, Routed = routed };
    }

    private OrderingRules Rules()
    {
        var flags = (Rule)Byte();
        return new OrderingRules
        {
            Together = flags.HasFlag(Rule.Together),
            AllowFallbacks = flags.HasFlag(Rule.AllowFallbacks),
            Ordered = flags.HasFlag(Rule.Ordered),
            PreferredThroughput = flags.HasFlag(Rule.PreferredThroughput) ? Cutoff() : null,
            PreferredLatency = flags.HasFlag(Rule.PreferredLatency) ? Cutoff() : null,
            NeedsThroughput = flags.HasFlag(Rule.NeedsThroughput),
            NeedsLatency = flags.HasFlag(Rule.NeedsLatency),
            Exacto = new ExactoOptions { LeastRequests = (int)Number(), LeastToolRequests = (int)Number() },
        };
    }

    private Cutoffs Cutoff() => new(Wish(), Wish(), Wish(), Wish());

    private double? Wish() => Double() is var value && double.IsNaN(value) ? null : value;

    private Standing Candidate(out CandidateName name)
    {
        var model = Byte();
        var filter = (RouteFilter)Byte();
        var facts = (Fact)Number();
        var circuit = (CircuitState)Byte();
        name = new CandidateName(Text(), Id());
        var standing = new Standing
        {
            Model = model,
            Filter = filter,
            Circuit = circuit,
            Resting = facts.HasFlag(Fact.Resting),
            Lowered = facts.HasFlag(Fact.Lowered),
            Deranked = facts.HasFlag(Fact.Deranked),
            Curated = facts.HasFlag(Fact.Curated),
            Priority = facts.HasFlag(Fact.Priority),
            Sticky = facts.HasFlag(Fact.Sticky),
            Price = Number(),
            Estimate = new Credits(Number()),
            Worst = new Credits(Number()),
            Order = (int)Number() - 1,
        };
        standing.Listed = facts.HasFlag(Fact.Listed) ? (short)Number() : Standing.Unlisted;
        standing.Odds = facts.HasFlag(Fact.Odds) ? Double() : 0;
        standing.Health = new EndpointHealth
        {
            Outage = facts.HasFlag(Fact.Outage),
            Circuit = circuit,
            Uptime5m = facts.HasFlag(Fact.Uptime) ? new Uptime((int)Number(), (int)Number()) : default,
            Throughput5m = facts.HasFlag(Fact.Throughput) ? Measured() : default,
            FirstToken5m = facts.HasFlag(Fact.FirstToken) ? Measured() : default,
            Throughput30m = facts.HasFlag(Fact.Quality) ? new Percentiles((int)Number(), Single(), 0, 0, 0) : default,
            ToolAnswers = facts.HasFlag(Fact.Quality) ? (int)Number() : 0,
            ToolErrors = facts.HasFlag(Fact.Quality) ? (int)Number() : 0,
        };
        return standing;
    }

    private Percentiles Measured() => new((int)Number(), Single(), Single(), Single(), Single());

    private byte Byte() => Take(1)[0];

    private double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    private float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    private string Id() => Count() is var size && size > 0 ? Encoding.UTF8.GetString(Take(size)) : new Guid(Take(16)).ToString();

    private string Text() => Encoding.UTF8.GetString(Take(Count()));

    // Nothing is counted that has not at least a byte each: a damaged count asks for no memory.
    private int Count() => Number() is var count && count >= 0 && count <= left.Length ? (int)count : throw new FormatException("A count is larger than what is left.");

    private long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value;
        }

        throw new FormatException("A number does not end.");
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        var taken = left[..size];
        left = left[size..];
        return taken;
    }
}
