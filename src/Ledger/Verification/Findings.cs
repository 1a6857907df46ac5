namespace Fairlead.Ledger.Verification;

/// <summary>What one check found: how much it looked at, and what is wrong.</summary>
public sealed class Findings
{
    /// <summary>More are counted, not listed.</summary>
    private const int Listed = 20;

    private readonly List<string> _offences = [];
    private long _more;

    /// <summary>How many rows were looked at.</summary>
    public long Looked { get; set; }

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _offences.Count > 0;

    /// <summary>Something is wrong: one phrase that names the offending id.</summary>
    public void Add(string offence)
    {
        if (_offences.Count < Listed)
        {
            _offences.Add(offence);
        }
        else
        {
            _more++;
        }
    }

    /// <summary>The offences, the first twenty of them.</summary>
    public override string ToString() => string.Join("; ", _offences) + (_more > 0 ? $"; and {_more} more" : "");
}
