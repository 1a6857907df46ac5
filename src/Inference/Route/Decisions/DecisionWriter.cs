using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using static Fairlead.Inference.Route.Decisions.DecisionFormat;

namespace Fairlead.Inference.Route.Decisions;

/// <summary>Writes a plan as text to keep with its generation (<see cref="DecisionFormat"/>): one text, nothing allocated per candidate.</summary>
internal ref struct DecisionWriter
{
    // What of a candidate only depends on its endpoint, made once.
    private static readonly ConditionalWeakTable<ModelEndpoint, byte[]> Names = [];

    private byte[] bytes;
    private int length;

    private DecisionWriter(int expected) => bytes = ArrayPool<byte>.Shared.Rent(expected);

    public static string Encode(RoutePlan plan)
    {
        var writer = new DecisionWriter(256 + (plan.Candidates.Length * 128));
        try
        {
            writer.Write(plan);
            return Convert.ToBase64String(writer.bytes.AsSpan(0, writer.length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(writer.bytes);
        }
    }

    private void Write(RoutePlan plan)
    {
        Byte(DecisionFormat.Version);
        Fixed(plan.Seed);
        Fixed((ulong)plan.CatalogVersion);
        Rules(plan.Rules);
        Number(plan.Models.Count);
        foreach (var model in plan.Models)
        {
            Text(model.Model.Id);
            Byte((byte)model.Sort);
        }

        Number(plan.Candidates.Length);
        for (var i = 0; i < plan.Candidates.Length; i++)
            Candidate(in plan.Standings[i], plan.Candidates[i].Endpoint, plan.Rules, plan.Models[plan.Rules.Together ? 0 : plan.Standings[i].Model].Sort);
        if (plan.Routed is not { } routed)
            return;
        Text(routed.Slug);
        Byte((byte)routed.Kind);
        Text(routed.Task ?? "");
        Text(routed.Why);
    }

    private void Rules(OrderingRules rules)
    {
        Byte((byte)((rules.Together ? Rule.Together : Rule.None) | (rules.AllowFallbacks ? Rule.AllowFallbacks : Rule.None) | (rules.Ordered ? Rule.Ordered : Rule.None)
            | (rules.PreferredThroughput is null ? Rule.None : Rule.PreferredThroughput) | (rules.PreferredLatency is null ? Rule.None : Rule.PreferredLatency)
            | (rules.NeedsThroughput ? Rule.NeedsThroughput : Rule.None) | (rules.NeedsLatency ? Rule.NeedsLatency : Rule.None)));
        if (rules.PreferredThroughput is { } throughput)
            Cutoff(throughput);
        if (rules.PreferredLatency is { } latency)
            Cutoff(latency);
        Number(rules.Exacto.LeastRequests);
        Number(rules.Exacto.LeastToolRequests);
    }

    private void Cutoff(Cutoffs cutoffs)
    {
        Double(cutoffs.P50 ?? double.NaN);
        Double(cutoffs.P75 ?? double.NaN);
        Double(cutoffs.P90 ?? double.NaN);
        Double(cutoffs.P99 ?? double.NaN);
    }

    private void Candidate(in Standing standing, ModelEndpoint endpoint, OrderingRules rules, RouteSort sort)
    {
        var health = standing.Health;
        var facts = (health.Outage ? Fact.Outage : Fact.None) | (standing.Resting ? Fact.Resting : Fact.None) | (standing.Deranked ? Fact.Deranked : Fact.None)
            | (standing.Lowered ? Fact.Lowered : Fact.None)
            | (standing.Curated ? Fact.Curated : Fact.None) | (standing.Priority ? Fact.Priority : Fact.None) | (standing.Sticky ? Fact.Sticky : Fact.None)
            | (standing.Listed == Standing.Unlisted ? Fact.None : Fact.Listed) | (standing.Odds == 0 ? Fact.None : Fact.Odds)
            | (health.Uptime5m.Requests == 0 ? Fact.None : Fact.Uptime)
            | (health.Throughput5m.Samples > 0 && UsesThroughput(rules, sort) ? Fact.Throughput : Fact.None)
            | (health.FirstToken5m.Samples > 0 && UsesFirstToken(rules, sort) ? Fact.FirstToken : Fact.None)
            | (RouteSorts.HasTiers(sort) && (health.Throughput30m.Samples > 0 || health.ToolAnswers > 0) ? Fact.Quality : Fact.None);
        Byte(standing.Model);
        Byte((byte)standing.Filter);
        Number((ushort)facts);
        Byte((byte)standing.Circuit);
        Raw(Names.GetValue(endpoint, NameOf));
        Number(standing.Price);
        Number(standing.Estimate.PicoDollars);
        Number(standing.Worst.PicoDollars);
        Number(standing.Order + 1);
        if (facts.HasFlag(Fact.Listed))
            Number(standing.Listed);
        if (facts.HasFlag(Fact.Odds))
            Double(standing.Odds);
        if (facts.HasFlag(Fact.Uptime))
        {
            Number(health.Uptime5m.Requests);
            Number(health.Uptime5m.Failures);
        }

        if (facts.HasFlag(Fact.Throughput))
            Measured(health.Throughput5m);
        if (facts.HasFlag(Fact.FirstToken))
            Measured(health.FirstToken5m);
        if (!facts.HasFlag(Fact.Quality))
            return;
        Number(health.Throughput30m.Samples);
        Single(health.Throughput30m.P50);
        Number(health.ToolAnswers);
        Number(health.ToolErrors);
    }

    private void Measured(in Percentiles measured)
    {
        Number(measured.Samples);
        Single(measured.P50);
        Single(measured.P75);
        Single(measured.P90);
        Single(measured.P99);
    }

    private static byte[] NameOf(ModelEndpoint endpoint)
    {
        var writer = new DecisionWriter(128);
        writer.Text(endpoint.Tag);
        writer.Id(endpoint.Id);
        var name = writer.bytes.AsSpan(0, writer.length).ToArray();
        ArrayPool<byte>.Shared.Return(writer.bytes);
        return name;
    }

    /// <summary>Most ids are UUIDs: length 0 announces one, in 16 bytes instead of 36.</summary>
    private void Id(string id)
    {
        if (!Guid.TryParseExact(id, "D", out var uuid) || uuid.ToString() != id)
        {
            Text(id);
            return;
        }

        Number(0);
        uuid.TryWriteBytes(Room(16));
    }

    private void Byte(byte value) => Room(1)[0] = value;

    private void Fixed(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    private void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);

    private void Single(float value) => BinaryPrimitives.WriteSingleLittleEndian(Room(4), value);

    private void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    private void Text(string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Number(size);
        Encoding.UTF8.GetBytes(value, Room(size));
    }

    private void Number(long value)
    {
        var left = (ulong)value;
        while (left >= 0x80)
        {
            Byte((byte)(left | 0x80));
            left >>= 7;
        }

        Byte((byte)left);
    }

    private Span<byte> Room(int size)
    {
        if (length + size > bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((length + size) * 2);
            bytes.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        var room = bytes.AsSpan(length, size);
        length += size;
        return room;
    }
}
