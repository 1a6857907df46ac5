namespace Fairlead.Storage.Transfer;

/// <summary>A move that must not be made as things are. The message is a sentence for the operator; nothing was changed.</summary>
public sealed class TransferRefusedException : Exception
{
    /// <summary>Without a reason.</summary>
    public TransferRefusedException()
    {
    }

    /// <summary>For a reason.</summary>
    public TransferRefusedException(string message) : base(message)
    {
    }

    /// <summary>For a reason, and what caused it.</summary>
    public TransferRefusedException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>The target holds something.</summary>
    public static TransferRefusedException NotEmpty(string location, string table) => new(
        $"The database at {location} is not empty: its table {table} has rows. A move needs an empty target; nothing was changed. Name another, or drop this one if it is of no use.");
}
