using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>What every upstream wire format has, whatever it is asked for: where it is called, how the caller is known, what its failures mean. Pure.</summary>
public interface IUpstreamFormat
{
    /// <summary>What is appended to the provider's base address, for example <c>/chat/completions</c>.</summary>
    string PathFor(UpstreamTarget target, bool stream);

    /// <summary>The header that carries the key, for example <c>Authorization</c> with <c>Bearer …</c>, and fixed headers of the format.</summary>
    IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey);

    /// <summary>Classifies a non-2xx answer. <paramref name="header"/> looks a response header up (null when absent).</summary>
    UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body);
}
