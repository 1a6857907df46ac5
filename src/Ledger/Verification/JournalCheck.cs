using System.Data.Common;
using Fairlead.Ledger.Journal;
using Fairlead.Storage;
using Microsoft.Extensions.Options;

namespace Fairlead.Ledger.Verification;

/// <summary>Whether this node's journal can be settled. Charges that wait in it are no break: the number of those looked at says how many.</summary>
internal sealed class JournalCheck(IOptions<LedgerOptions> options) : ILedgerCheck
{
    public string Name => "journal";

    public string Claim => "every charge that waits on this node's disk can be read";

    public void Run(DbConnection connection, Findings findings)
    {
        if (options.Value.JournalFolder is not { } folder)
        {
            return;
        }

        try
        {
            findings.Looked = JournalFile.Read(folder).Left.Count;
        }
        catch (StorageException failure)
        {
            findings.Add(failure.Message);
        }
    }
}
