namespace Fairlead.Load.Drive;

/// <summary>Counts <c>data:</c> lines in a body that comes in any pieces.</summary>
internal struct EventCounter()
{
    private static ReadOnlySpan<byte> Mark => "data: "u8;

    // How much of the mark this line has matched; -1 in a line that is something else.
    private int _matched;

    public int Events { get; private set; }

    public bool Done { get; private set; }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_matched < 0)
            {
                var end = bytes.IndexOf((byte)'\n');
                if (end < 0)
                {
                    return;
                }

                bytes = bytes[(end + 1)..];
                _matched = 0;
                continue;
            }

            var next = bytes[0];
            bytes = bytes[1..];
            if (_matched == Mark.Length)
            {
                Events++;
                Done |= next == (byte)'[';
                _matched = next == (byte)'\n' ? 0 : -1;
            }
            else
            {
                _matched = next == Mark[_matched] ? _matched + 1 : next == (byte)'\n' ? 0 : -1;
            }
        }
    }
}
