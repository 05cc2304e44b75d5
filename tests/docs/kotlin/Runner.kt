// Android's JUnit runner, which is JUnit's own here.
package androidx.test.ext.junit.runners

class AndroidJUnit4(tests: Class<*>) : org.junit.runners.BlockJUnit4ClassRunner(tests)
