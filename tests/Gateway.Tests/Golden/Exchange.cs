using System.Globalization;
using System.Text;

namespace Fairlead.Gateway.Tests.Golden;

/// <summary>
/// One recorded exchange: what a client sent, what the provider was sent, what it answered byte by byte, what the client got. A text file of four
/// sections; what stands before the first says what the case shows.
/// </summary>
internal sealed record Exchange
{
    private static readonly string[] Headings = ["### client request\n", "### upstream request\n", "### upstream bytes\n", "### client bytes\n"];

    public required string About { get; init; }
    /// <summary>The body.</summary>
    public required string ClientRequest { get; init; }
    /// <summary>The request line, headers that matter, an empty line, the body.</summary>
    public required string UpstreamRequest { get; init; }
    public required WireAnswer UpstreamAnswer { get; init; }
    public required WireAnswer ClientAnswer { get; init; }

    public static Exchange Parse(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        var parts = new string[Headings.Length + 1];
        var from = 0;
        for (var i = 0; i < Headings.Length; i++)
        {
            var at = text.IndexOf(Headings[i], from, StringComparison.Ordinal);
            if (at < 0)
                throw new FormatException($"no section '{Headings[i].TrimEnd()}'");
            parts[i] = text[from..at].Trim('\n');
            from = at + Headings[i].Length;
        }

        parts[^1] = text[from..].Trim('\n');
        return new Exchange
        {
            About = parts[0],
            ClientRequest = parts[1],
            UpstreamRequest = parts[2],
            UpstreamAnswer = WireAnswer.Parse(parts[3]),
            ClientAnswer = WireAnswer.Parse(parts[4]),
        };
    }

    public override string ToString()
    {
        var text = new StringBuilder().Append(About).Append('\n');
        string[] parts = [ClientRequest, UpstreamRequest, UpstreamAnswer.ToString(), ClientAnswer.ToString()];
        for (var i = 0; i < parts.Length; i++)
            text.Append('\n').Append(Headings[i]).Append(parts[i]).Append('\n');
        return text.ToString();
    }
}

/// <summary>
/// An answer as it stands in a file: <c>200 text/event-stream</c>, an empty line, the body. <c>crlf</c> after the type: lines end in CR LF on the wire.
/// A stream's last event ends with its empty line, any other body with its last character.
/// </summary>
internal sealed record WireAnswer(int Status, string ContentType, bool CrLf, string Body)
{
    public bool IsStream => ContentType == "text/event-stream";

    public byte[] Bytes => Encoding.UTF8.GetBytes(CrLf ? Body.Replace("\n", "\r\n", StringComparison.Ordinal) : Body);

    public static WireAnswer Parse(string section)
    {
        var end = section.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            return new WireAnswer(0, "", CrLf: false, "");
        var words = section[..end].Split(' ');
        var stream = words[1] == "text/event-stream";
        var body = section[(end + 2)..] + (stream ? "\n\n" : "");
        return new WireAnswer(int.Parse(words[0], CultureInfo.InvariantCulture), words[1], words.Contains("crlf"), body);
    }

    public override string ToString() => $"{Status} {ContentType}{(CrLf ? " crlf" : "")}\n\n{Body.TrimEnd('\n')}";
}
