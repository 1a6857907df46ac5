using System.Text.Json;
using Fairlead.Storage;

namespace Fairlead.Ledger.Journal;

/// <summary>
/// Charges on this machine's disk that are not in the database yet. What <see cref="Append"/> has returned for survives the end of the process and of the
/// machine. Only its owner may read the file; it holds records of requests, never their content or a key. Not thread-safe.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string FileName = "charges.journal";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private FileStream? _file;
    private long _end;
    private bool _isBroken;

    private JournalFile(string path, JournalOwner? owner, List<JournalEntry> left) => (_path, Owner, Left) = (path, owner, left);

    /// <summary>Where it is.</summary>
    public string Path => _path;

    /// <summary>Whose entries <see cref="Left"/> are; null when there was no file.</summary>
    public JournalOwner? Owner { get; }

    /// <summary>What it held when it was read, in the order it was kept.</summary>
    public IReadOnlyList<JournalEntry> Left { get; }

    /// <summary>How long it is.</summary>
    public long Bytes => _end;

    /// <summary>Reads the journal in a folder; an absent one is empty. Nothing is changed.</summary>
    /// <exception cref="StorageException">It cannot be read, is damaged or was written by a newer version.</exception>
    public static JournalFile Read(string folder)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        try
        {
            if (!File.Exists(path))
            {
                return new(path, null, []);
            }

            // Shared, so that a command may look while the server writes.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Read(path, bytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StorageException(StorageFailure.CannotOpen, $"The journal of charges {path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Replaces what is in the file, which is made where missing, and opens it for more.</summary>
    /// <exception cref="StorageException">It cannot be written; the file is as it was.</exception>
    public void Begin(JournalOwner owner, List<JournalEntry> entries)
    {
        try
        {
            var folder = System.IO.Path.GetDirectoryName(_path)!;
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var draft = _path + ".new";
            File.Delete(draft);
            // Unbuffered: what a failed write left must not be written later.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            var file = new FileStream(draft, options);
            try
            {
                file.Write(JournalFrame.Mark);
                file.Write(JournalFrame.Of(JsonSerializer.SerializeToUtf8Bytes(owner, JournalJson.Default.JournalOwner)));
                if (entries.Count > 0)
                {
                    file.Write(Frame(entries));
                }

                file.Flush(flushToDisk: true);
                File.Move(draft, _path, overwrite: true);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            _file?.Dispose();
            (_file, _end, _isBroken) = (file, file.Length, false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.ReadOnly, $"The journal of charges {_path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Adds entries in one write, and returns when the disk has them.</summary>
    /// <exception cref="StorageException">They are not in the file: it would be longer than <paramref name="mostBytes"/>, or the disk refuses.</exception>
    public void Append(List<JournalEntry> entries, long mostBytes)
    {
        var frame = Frame(entries);
        if (_file is null || _isBroken)
        {
            throw new StorageException(StorageFailure.DiskError, $"The journal of charges {_path} cannot be written since it failed before.");
        }

        if (_end + frame.Length > mostBytes)
        {
            throw new StorageException(StorageFailure.DiskFull, $"The journal of charges {_path} is full: it may have {mostBytes} bytes.");
        }

        try
        {
            _file.Position = _end;
            _file.Write(frame);
            _file.Flush(flushToDisk: true);
            _end += frame.Length;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TakeBack();
            throw new StorageException(StorageFailure.DiskError, $"The journal of charges {_path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>What was not kept must not be found at the next start: its caller is told that nothing was charged.</summary>
    private void TakeBack()
    {
        try
        {
            _file!.SetLength(_end);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _isBroken = true;
        }
    }

    private static byte[] Frame(List<JournalEntry> entries) =>
        JournalFrame.Of(JsonSerializer.SerializeToUtf8Bytes(entries, JournalJson.Default.ListJournalEntry));

    private static JournalFile Read(string path, ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var mark = JournalFrame.Mark;
        if (!rest.StartsWith(mark[..^1]) || rest.Length < mark.Length || rest[mark.Length - 1] == 0)
        {
            throw Damaged(path, 0, 0);
        }

        if (rest[mark.Length - 1] > mark[^1])
        {
            throw new StorageException(
                StorageFailure.NewerSchema, $"The journal of charges {path} was written by a newer Fairlead. Start that version once with this data folder.");
        }

        rest = rest[mark.Length..];
        // Written whole and renamed, so never torn.
        if (JournalFrame.Take(ref rest, out var first) is not JournalFrameKind.Whole)
        {
            throw Damaged(path, mark.Length, 0);
        }

        var owner = JsonSerializer.Deserialize(first, JournalJson.Default.JournalOwner) ?? throw Damaged(path, mark.Length, 0);
        var left = new List<JournalEntry>();
        while (true)
        {
            var at = bytes.Length - rest.Length;
            switch (JournalFrame.Take(ref rest, out var body))
            {
                case JournalFrameKind.Whole:
                    left.AddRange(JsonSerializer.Deserialize(body, JournalJson.Default.ListJournalEntry) ?? throw Damaged(path, at, left.Count));
                    break;
                case JournalFrameKind.Damaged:
                    throw Damaged(path, at, left.Count);
                default:
                    return new(path, owner, left);
            }
        }
    }

    private static StorageException Damaged(string path, int at, int before) => new(
        StorageFailure.Corrupted,
        $"The journal of charges {path} is damaged at byte {at}, after {before} charges. It holds charges that callers were shown and that are not in the database "
        + "yet. Restore the file from a copy of the disk; or move it away, and those charges are given up.");
}
