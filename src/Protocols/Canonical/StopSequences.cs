using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>Stop sequences, which callers of Messages may send more of than most hosts take.</summary>
internal static class StopSequences
{
    /// <summary>Why the request cannot be sent to a host that takes <paramref name="most"/> (null: any number): none is left out unsaid.</summary>
    public static GatewayError? Check(CanonicalRequest request, int? most) => request.Stop.Count > most
        ? GatewayError.Invalid($"The model's provider takes at most {most} stop sequences.", "stop_sequences")
        : null;
}
