namespace Fairlead.Ledger.Generations;

/// <summary>What kind of answer a request asked for, as records of generations name it (<c>api_type</c>).</summary>
public static class ApiTypes
{
    /// <summary>Text, from any surface.</summary>
    public const string Completions = "completions";

    /// <summary>Vectors.</summary>
    public const string Embeddings = "embeddings";
}
