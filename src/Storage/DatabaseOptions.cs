using System.ComponentModel.DataAnnotations;

namespace Fairlead.Storage;

/// <summary>How the database is opened.</summary>
public sealed class DatabaseOptions
{
    /// <summary>
    /// False: a commit survives the death of the process (<c>kill -9</c>, crash), and a loss of power may undo the last commits, never corrupt the file.
    /// True: each commit waits until the disk has it, so it survives a loss of power too; settling then costs one disk flush per batch.
    /// The default value is false.
    /// </summary>
    public bool SurvivePowerLoss { get; set; }

    /// <summary>
    /// How long to wait, in seconds, while another process writes, before giving up with <see cref="StorageFailure.Locked"/>.
    /// The default value is 5. Value must be from 0 to 60.
    /// </summary>
    [Range(0, 60)]
    public int BusyTimeoutSeconds { get; set; } = 5;

    /// <summary>
    /// SQLite: at every start a file up to this size, in bytes, is looked at page by page for damage, a larger one for as long as
    /// <see cref="CheckSeconds"/> allows. The default value is 64 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long CheckFilesUpTo { get; set; } = 64L << 20;

    /// <summary>
    /// SQLite: how long the start may look for damage in a file larger than <see cref="CheckFilesUpTo"/>, in seconds. The default value is 3; 0 switches the
    /// check off for files of any size.
    /// </summary>
    [Range(0.0, 600.0)]
    public double CheckSeconds { get; set; } = 3;

    /// <summary>
    /// How often to look whether another process changed the database, in milliseconds. The default value is 250. Value must be from 10 to 500:
    /// a key revoked by the command line is dead within one second.
    /// </summary>
    [Range(10, 500)]
    public int ForeignChangePollMs { get; set; } = 250;
}
