using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Settlement;

namespace Fairlead.Ledger.Journal;

/// <summary>One charge as the journal keeps it: all that a settlement writes. Members may be added; what is there keeps its name and meaning.</summary>
internal sealed record JournalEntry
{
    public required Generation Generation { get; init; }

    /// <summary>What the caller was shown, 10⁻¹² US dollars.</summary>
    public required long Charged { get; init; }

    /// <summary>What it draws from the node's lease of the key.</summary>
    public required long OfKeyLease { get; init; }

    /// <summary>What the operator bears.</summary>
    public required long Overrun { get; init; }

    /// <summary>The UTC day it counts on.</summary>
    public required int Day { get; init; }

    /// <summary>When it was decided.</summary>
    public required long SettledAtMs { get; init; }

    public static JournalEntry Of(PendingSettlement settlement) => new()
    {
        Generation = settlement.Generation,
        Charged = settlement.Charged,
        OfKeyLease = settlement.OfKeyLease,
        Overrun = settlement.Overrun,
        Day = settlement.Day,
        SettledAtMs = settlement.SettledAtMs,
    };

    /// <summary>To be settled by another run than the one that kept it: no memory waits for it.</summary>
    public PendingSettlement ToSettlement() => new()
    {
        Generation = Generation, Charged = Charged, OfKeyLease = OfKeyLease, Overrun = Overrun, Day = Day, SettledAtMs = SettledAtMs, IsJournaled = true,
    };
}

/// <summary>Which run of which node a journal belongs to; the row of <c>ledger_boots</c> tells the database it was written for from any other.</summary>
/// <param name="Node">The node.</param>
/// <param name="Boot">The run.</param>
internal sealed record JournalOwner(string Node, long Boot);

/// <summary>An amount as a whole number of its unit.</summary>
internal sealed class CreditsInJournal : JsonConverter<Credits>
{
    public override Credits Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Credits value, JsonSerializerOptions options) => writer.WriteNumberValue(value.PicoDollars);
}

/// <summary>How entries are written.</summary>
[JsonSourceGenerationOptions(Converters = [typeof(CreditsInJournal)])]
[JsonSerializable(typeof(JournalOwner))]
[JsonSerializable(typeof(List<JournalEntry>))]
internal sealed partial class JournalJson : JsonSerializerContext;
