using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Journal;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests.Journal;

/// <summary>What is kept is found again, whatever a kill or a loss of power did to the last write, and damage is never taken for an end.</summary>
public sealed class JournalFileTests : IDisposable
{
    private static readonly JournalOwner Owner = new("firstnode0000001", 7);

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-test-").FullName;

    private string FilePath => Path.Combine(_folder, "charges.journal");

    [Fact]
    public void NoFile_IsEmpty()
    {
        using var journal = JournalFile.Read(_folder);

        Assert.Equal((null, 0), (journal.Owner, journal.Left.Count));
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void EveryMemberOfAnEntry_ComesBack()
    {
        var entry = new JournalEntry { Generation = Full(), Charged = 1, OfKeyLease = 2, Overrun = 3, Day = 4, SettledAtMs = 5 };
        var bare = entry with { Generation = new() { Id = "gen-2", AccountId = 1, KeyId = 2, CreatedAtMs = 3, Model = "m", ModelPermaslug = "m", Cost = new(-4), UsageDetail = null } };

        Write([entry, bare], [entry]);

        using var found = JournalFile.Read(_folder);
        Assert.Equal([entry, bare, entry], found.Left);
        Assert.Equal(Owner, found.Owner);
    }

    [Fact]
    public void LastWriteCutAnywhere_WhatWasKeptBeforeIsThereAndMoreCanBeKept()
    {
        var (first, second) = (Entry("gen-1"), Entry("gen-2"));
        Write([first]);
        var kept = File.ReadAllBytes(FilePath).Length;
        Write([first], [second]);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = kept; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            AssertHolds(first);
            File.WriteAllBytes(FilePath, [.. whole[..length], .. new byte[whole.Length - length]]);
            if (length - kept is 0 or >= 12)
                AssertHolds(first);
        }

        File.WriteAllBytes(FilePath, whole[..(kept + 20)]);
        using (var torn = JournalFile.Read(_folder))
        {
            torn.Begin(Owner, [.. torn.Left]);
            torn.Append([second], long.MaxValue);
        }

        AssertHolds(first, second);
    }

    [Fact]
    public void AnyByteOfAnEarlierWriteIsWrong_IsDamageAndNotTheEnd()
    {
        Write([Entry("gen-1")]);
        var last = File.ReadAllBytes(FilePath).Length;
        Write([Entry("gen-1")], [Entry("gen-2")]);
        var whole = File.ReadAllBytes(FilePath);
        for (var at = 0; at < last; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(FilePath, damaged);

            var failure = Assert.Throws<StorageException>(() => JournalFile.Read(_folder).Dispose());

            Assert.True(failure.Failure is StorageFailure.Corrupted || at == 7, $"byte {at}: {failure.Message}");
            Assert.Contains(FilePath, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WrittenByANewerVersion_IsRefusedAndLeft()
    {
        Write([Entry("gen-1")]);
        var bytes = File.ReadAllBytes(FilePath);
        bytes[7]++;
        File.WriteAllBytes(FilePath, bytes);

        Assert.Equal(StorageFailure.NewerSchema, Assert.Throws<StorageException>(() => JournalFile.Read(_folder).Dispose()).Failure);
        Assert.Equal(bytes, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Full_KeepsWhatItHas()
    {
        Write([Entry("gen-1")]);
        using (var journal = JournalFile.Read(_folder))
        {
            journal.Begin(Owner, [.. journal.Left]);
            var failure = Assert.Throws<StorageException>(() => journal.Append([Entry("gen-2")], journal.Bytes + 10));
            Assert.Equal(StorageFailure.DiskFull, failure.Failure);
        }

        AssertHolds(Entry("gen-1"));
    }

    [Fact]
    public void Emptied_HoldsNothing()
    {
        Write([Entry("gen-1")]);
        using (var journal = JournalFile.Read(_folder))
        {
            journal.Begin(Owner, []);
        }

        AssertHolds();
    }

    [Fact]
    public void OnlyItsOwnerMayReadIt()
    {
        if (OperatingSystem.IsWindows())
            return;
        Write([Entry("gen-1")]);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(params List<JournalEntry>[] batches)
    {
        using var file = JournalFile.Read(_folder);
        file.Begin(Owner, []);
        foreach (var batch in batches)
            file.Append(batch, long.MaxValue);
    }

    private void AssertHolds(params JournalEntry[] entries)
    {
        using var journal = JournalFile.Read(_folder);
        Assert.Equal(entries, journal.Left);
    }

    private static JournalEntry Entry(string id) => new()
    {
        Generation = new() { Id = id, AccountId = 1, KeyId = 2, CreatedAtMs = 3, Model = "m", ModelPermaslug = "m", Cost = new(4) },
        Charged = 4, OfKeyLease = 0, Overrun = 0, Day = 20_000, SettledAtMs = 5,
    };

    /// <summary>Every member differs from what it is when it is not given, so that one that is not kept is noticed.</summary>
    private static Generation Full()
    {
        var made = new Generation { Id = "gen-1", AccountId = 1, KeyId = 2, CreatedAtMs = 3, Model = "m\n\"é\"", ModelPermaslug = "p", Cost = new(long.MaxValue) };
        var number = 100;
        foreach (var member in typeof(Generation).GetProperties().Where(static member => member.CanWrite))
        {
            object? value = Type.GetTypeCode(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType) switch
            {
                TypeCode.String => $"{member.Name} {++number}",
                TypeCode.Int64 => (long)++number,
                TypeCode.Int32 => ++number,
                TypeCode.Boolean => true,
                _ when member.PropertyType == typeof(Credits) || member.PropertyType == typeof(Credits?) => new Credits(++number),
                _ => throw new InvalidOperationException($"{member.Name} is of a type this test does not know."),
            };
            member.SetValue(made, value);
        }

        return made;
    }
}
