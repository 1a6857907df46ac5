using System.Diagnostics.CodeAnalysis;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference;

/// <summary>What a stage produced, or why the request ends here. Expected failures are values, not exceptions.</summary>
internal readonly struct Outcome<T>
    where T : class
{
    private Outcome(T? value, GatewayError? error) => (Value, Error) = (value, error);

    public T? Value { get; }

    public GatewayError? Error { get; }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(GatewayError error) => new(null, error);

    /// <summary>True with the value, false with the error.</summary>
    public bool Try([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out GatewayError? error)
    {
        (value, error) = (Value, Error);
        return value is not null;
    }
}
